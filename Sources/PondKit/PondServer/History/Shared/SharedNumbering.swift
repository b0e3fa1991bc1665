import PondCore
import PondRuntime

/// Drives one channel's `SharedLine` and `ApartLine`: appends to the shared store, shows what has waited too long for
/// it, reads what is missing, begins anew when it must.
///
/// `@unchecked Sendable`: touched on the channel's loop only.
final class SharedNumbering: @unchecked Sendable {
    /// What tells the other nodes of a broadcast, in a numbering of this epoch.
    typealias Announce = (_ epoch: String) -> SharedBroadcast.Announcement?

    private struct Append {
        let ticket: UInt64
        let broadcast: SharedBroadcast
        let announce: Announce
        let then: (PondError?) -> Void
    }

    private let key: HistoryKey
    private let store: any SharedHistoryStore
    private let loop: EventLoop
    private var line: SharedLine
    private var apart: ApartLine
    private var timer: (id: TimerID, due: MonotonicTime)?
    private var isClosed = false
    /// Appends that were refused because the numbering is over; they go into the next one, in their order.
    private var refused: [Append] = []
    /// Callers that wait until a number went out or the store has said that it has none.
    private var waiting: [(offset: UInt64, then: () -> Void)] = []
    /// Callers that wait until the store answers a read.
    private var readers: [() -> Void] = []
    /// Those of them that came while the store was being read: that answer may be older than they are.
    private var nextReaders: [() -> Void] = []
    private let retry: Duration = .milliseconds(500)

    /// Broadcasts of this node that may wait for the store in one channel; more than that fail.
    static let waitingLimit = 10_000

    /// A broadcast goes out to members now, unless they have seen it while the store was away.
    var goesOut: (_ broadcast: StoredBroadcast, _ wasShown: Bool) -> Void = { _, _ in }
    /// Members see a broadcast before it has its number.
    var shows: (SharedBroadcast) -> Void = { _ in }
    /// A broadcast fails that members have seen.
    var failedShown: (StoredBroadcast) -> Void = { _ in }
    /// Another numbering holds from here on, and members may have missed something.
    var restarted: (StreamPosition) -> Void = { _ in }

    /// The numbering at `position`; at none, where the store could not say it yet, it is asked for from here on.
    init(
        _ key: HistoryKey,
        at position: StreamPosition?,
        in store: any SharedHistoryStore,
        on loop: EventLoop,
        whileAway absence: StoreAbsence = .hold,
        limit: Int = SharedNumbering.waitingLimit
    ) {
        self.key = key
        self.store = store
        self.loop = loop
        self.line = SharedLine(at: position ?? StreamPosition(epoch: "", offset: 0))
        self.apart = ApartLine(absence, limit: limit)
        if position == nil { _ = self.line.lost() }
    }

    /// Asks for a numbering that is not known yet.
    func begin() { if self.line.isLost { self.reopen() } }

    /// Has the store begin the numbering, which it may know of only as an epoch that it chose. Another node may have
    /// begun one meanwhile: then that one holds. `then` is called when it does, or when the store cannot say.
    func establish(then: @escaping () -> Void) {
        guard !self.line.isLost else { return self.waiting.append((.max, then)) }
        let epoch = self.line.position.epoch
        let box = LoopConfined(then, to: self.loop)
        self.store.begin(self.key, epoch: epoch, on: self.loop) { result in
            guard case .success(let found) = result, found.epoch != epoch, self.line.position.epoch == epoch else {
                return box.value()
            }
            self.waiting.append((.max, box.value))
            if !self.line.isLost { self.perform(self.line.lost()) }
        }
    }

    /// Whether members are shown what has no number yet.
    var isApart: Bool { self.apart.isApart }

    /// What members here have seen and has no number yet: from a place on, and the place after it.
    func shown(from place: UInt64) -> (broadcasts: [SharedBroadcast], next: UInt64) {
        (self.apart.shown(from: place), self.apart.next)
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
        let ticket = self.apart.next
        let isTaken = !self.apart.isApart || self.store.hasRoom
        let isHeld = broadcast.after.map(self.lacks) ?? false
        switch isTaken ? self.apart.appended(broadcast, isHeld: isHeld, now: self.loop.now) : .refuse {
        case .refuse: return then(.unavailable("Too much waits for the store of the history"))
        case .show: self.shows(broadcast)
        case .wait: break
        }
        self.send(Append(ticket: ticket, broadcast: broadcast, announce: announce, then: then))
        self.schedule()
    }

    /// Whether broadcasts up to a position have not gone out here, though the numbering is the same.
    private func lacks(_ position: StreamPosition) -> Bool {
        position.epoch == self.line.position.epoch && position.offset > self.line.position.offset
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
            case .failure(let error):
                if self.apart.failed(append.ticket, now: self.loop.now) { self.failedShown(append.broadcast.broadcast) }
                self.schedule()
                append.then(error)
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
                let out = self.line.position.offset
                self.apart.stored(append.ticket, at: offset, out: out, now: self.loop.now)
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

    /// Calls `then` when everything up to a number went out, or the store has no broadcast of that number.
    func catchUp(to offset: UInt64, then: @escaping () -> Void) {
        guard self.line.position.offset < offset || self.line.isLost else { return then() }
        self.waiting.append((offset, then))
        self.perform(self.line.exists(offset, now: self.loop.now))
    }

    /// Calls `then` when everything went out that the store has by now; asks it until it answers.
    func whenReadable(then: @escaping () -> Void) {
        if self.line.isReading { self.nextReaders.append(then) } else { self.readers.append(then) }
        self.perform(self.line.subscribed())
    }

    // Acting

    private func perform(_ action: SharedLine.Action) {
        for broadcast in action.goesOut {
            self.store.goesOut(broadcast, in: self.key, epoch: self.line.position.epoch)
            self.goesOut(broadcast, self.apart.goesOut(broadcast, now: self.loop.now))
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
            guard reading != .failed else { return }
            self.tellReaders()
            self.tellWhoWaits()
        }
    }

    private func reopen() {
        guard !self.isClosed || !self.refused.isEmpty else { return self.tellWhoWaits(isFinal: true) }
        self.store.reopen(self.key, known: self.line.position, on: self.loop) { result in
            switch result {
            case .failure: self.loop.schedule(after: self.retry) { self.reopen() }
            case .success(let position):
                self.line.restarted(at: position)
                self.apart.restarted(now: self.loop.now)
                self.restarted(position)
                self.sendRefused()
                self.tellReaders()
                self.tellWhoWaits(isFinal: true)
            }
        }
    }

    private func tellReaders() {
        let readers = self.readers
        self.readers = self.nextReaders
        self.nextReaders = []
        for then in readers { then() }
    }

    /// Tells callers whose number went out; `isFinal` where the others' numbers will not.
    ///
    /// A number that became known while the store was being read is no part of that answer: the store is read again.
    private func tellWhoWaits(isFinal: Bool = false) {
        let isFinal = isFinal || !(self.line.isReading || self.line.isLost)
        let position = self.line.position.offset
        let told = self.waiting.filter { isFinal || $0.offset <= position }
        self.waiting.removeAll { isFinal || $0.offset <= position }
        for (_, then) in told { then() }
    }

    private func schedule() {
        let due = self.isClosed ? nil : [self.line.nextDeadline, self.apart.nextDeadline].compactMap(\.self).min()
        guard due != self.timer?.due else { return }
        if let timer = self.timer { self.loop.cancel(timer.id) }
        self.timer = due.map { due in
            let id = self.loop.schedule(after: max(due - self.loop.now, .zero)) { [weak self] in
                guard let self else { return }
                self.timer = nil
                for broadcast in self.apart.timeReached(now: self.loop.now) { self.shows(broadcast) }
                self.perform(self.line.timeReached(now: self.loop.now))
            }
            return (id, due)
        }
    }
}
