/// Drives one channel's `SharedLine`: appends to the shared store, reads what is missing, begins anew when it must.
///
/// `@unchecked Sendable`: touched on the channel's loop only.
final class SharedNumbering: @unchecked Sendable {
    /// What tells the other nodes of a broadcast, in a numbering of this epoch.
    typealias Announce = (_ epoch: String) -> SharedBroadcast.Announcement?

    private struct Append {
        let broadcast: SharedBroadcast
        let announce: Announce
        let then: (PondError?) -> Void
    }

    private let key: HistoryKey
    private let store: any SharedHistoryStore
    private let loop: EventLoop
    private var line: SharedLine
    private var timer: (id: TimerID, due: MonotonicTime)?
    private var isClosed = false
    /// Appends that were refused because the numbering is over; they go into the next one, in their order.
    private var refused: [Append] = []
    /// Who waits for the store to have been read.
    private var waiting: [() -> Void] = []
    private let retry: Duration = .milliseconds(500)

    /// A broadcast goes out to members now.
    var goesOut: (StoredBroadcast) -> Void = { _ in }
    /// Another numbering holds from here on, and members may have missed something.
    var restarted: (StreamPosition) -> Void = { _ in }

    init(_ key: HistoryKey, at position: StreamPosition, in store: any SharedHistoryStore, on loop: EventLoop) {
        self.key = key
        self.store = store
        self.loop = loop
        self.line = SharedLine(at: position)
    }

    /// The channel has no members any more; what is on its way into the store still gets there.
    func close() {
        self.isClosed = true
        if let timer = self.timer { self.loop.cancel(timer.id) }
        self.timer = nil
    }

    // Appending

    /// Appends a broadcast; `then` hears when it is stored, or why it never will be.
    func append(
        _ broadcast: SharedBroadcast,
        announce: @escaping Announce,
        then: @escaping (PondError?) -> Void
    ) {
        self.send(Append(broadcast: broadcast, announce: announce, then: then))
    }

    private func send(_ append: Append) {
        guard !self.line.isLost else { return self.refused.append(append) }
        let epoch = self.line.position.epoch
        let box = LoopConfined(append, to: self.loop)
        var broadcast = append.broadcast
        broadcast.announcement = append.announce(epoch)
        self.store.append(broadcast, to: self.key, known: self.line.position, on: self.loop) { result in
            let append = box.value
            switch result {
            case .failure(let error): append.then(error)
            case .success(.otherNumbering):
                self.refused.append(append)
                guard epoch == self.line.position.epoch, !self.line.isLost else {
                    // The numbering that refused is over here, too.
                    return self.line.isLost ? () : self.sendRefused()
                }
                self.perform(self.line.lost())
            case .success(.stored(let offset, let isNew)):
                var broadcast = append.broadcast.broadcast
                broadcast.offset = offset
                // One that was stored before may say something else: the first that was appended under its id counts.
                self.perform(
                    isNew
                        ? self.line.arrived(broadcast, epoch: epoch, now: self.loop.now)
                        : self.line.exists(offset, now: self.loop.now)
                )
                self.store.whenDone(with: offset, in: self.key, on: self.loop) { box.value.then(nil) }
            }
        }
    }

    private func sendRefused() {
        let refused = self.refused
        self.refused = []
        for append in refused { self.send(append) }
    }

    // Hearing

    /// Another node announced a broadcast.
    func heard(_ broadcast: StoredBroadcast, epoch: String) {
        self.perform(self.line.arrived(broadcast, epoch: epoch, now: self.loop.now))
    }

    /// Announcements are heard from here on.
    func subscribed() { self.perform(self.line.subscribed()) }

    /// Calls `then` when everything up to a number went out, or cannot.
    func catchUp(to offset: UInt64, then: @escaping () -> Void) {
        guard self.line.position.offset < offset, !self.line.isLost else { return then() }
        self.waiting.append(then)
        self.perform(self.line.exists(offset, now: self.loop.now))
    }

    // Acting

    private func perform(_ action: SharedLine.Action) {
        for broadcast in action.goesOut {
            self.store.goesOut(broadcast, in: self.key, epoch: self.line.position.epoch)
            self.goesOut(broadcast)
        }
        if let position = action.reads { self.read(after: position) }
        if action.isLost { self.reopen() }
        self.schedule()
    }

    private func read(after position: StreamPosition) {
        self.store.read(self.key, after: position, maximumBytes: .max, on: self.loop) { result in
            let reading: SharedLine.Reading =
                switch result {
                case .success(.whole(let broadcasts)): .whole(broadcasts)
                case .success(.impossible): .impossible
                case .failure: .failed
                }
            self.perform(self.line.read(reading, now: self.loop.now))
            self.tellWhoWaits()
        }
    }

    private func reopen() {
        guard !self.isClosed || !self.refused.isEmpty else { return self.tellWhoWaits() }
        self.store.reopen(self.key, known: self.line.position, on: self.loop) { result in
            switch result {
            case .failure: self.loop.schedule(after: self.retry) { self.reopen() }
            case .success(let position):
                self.line.restarted(at: position)
                self.restarted(position)
                self.sendRefused()
                self.tellWhoWaits()
            }
        }
    }

    private func tellWhoWaits() {
        let waiting = self.waiting
        self.waiting = []
        for then in waiting { then() }
    }

    private func schedule() {
        let due = self.isClosed ? nil : self.line.nextDeadline
        guard due != self.timer?.due else { return }
        if let timer = self.timer { self.loop.cancel(timer.id) }
        self.timer = due.map { due in
            let id = self.loop.schedule(after: max(due - self.loop.now, .zero)) { [weak self] in
                guard let self else { return }
                self.timer = nil
                self.perform(self.line.timeReached(now: self.loop.now))
            }
            return (id, due)
        }
    }
}
