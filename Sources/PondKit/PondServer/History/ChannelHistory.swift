import PondCore
import PondRuntime

/// The history of one live channel: numbers its broadcasts, has them stored, and finds what a member missed.
///
/// The latest broadcasts are in memory whatever the store, so that most recoveries are answered at once.
/// `@unchecked Sendable`: touched on the channel's loop only.
final class ChannelHistory: @unchecked Sendable {
    private let key: HistoryKey
    private let loop: EventLoop
    private let memory: MemoryHistoryStore
    /// The store behind the memory; `nil` where memory is all there is.
    private let store: (any HistoryStore)?
    private var log: MemoryHistoryLog
    /// Gives the numbers where several nodes do; then those of `line` only say what is settled of this node's own.
    private let numbering: SharedNumbering?
    /// How long joins wait for the shared store.
    private let absence: StoreAbsence
    /// Joins that wait until it is known how broadcasts are numbered.
    private var whenKnown: [() -> Void] = []
    private var line: BroadcastLine
    /// In a shared history: what members see from here on, and that they have to join again.
    private var follower: Follower?
    /// Who waits until the broadcasts up to a number are settled, in the order of the numbers.
    private var waiting: [Waiting] = []
    /// The latest broadcasts that the store could not take: one may fail before anybody asks what became of it.
    private var failures = Queue<(offset: UInt64, error: PondError)>()
    private static let rememberedFailures = 256

    /// The live channel of a shared history.
    struct Follower {
        let goesOut: (StoredBroadcast) -> Void
        /// Something is seen before it has a number.
        let shows: (SharedBroadcast) -> Void
        /// What was seen will have no number, and no other node sees it.
        let failedShown: (StoredBroadcast) -> Void
        let restarted: () -> Void
    }

    private struct Waiting {
        let numbers: [UInt64]
        /// The last of them.
        let upTo: UInt64
        let then: (PondError?) -> Void
        var error: PondError?
    }

    /// Opens the history of a channel; `then` is called on the loop, at once where the store is memory.
    static func open(
        _ key: HistoryKey,
        in store: any HistoryStore,
        cache: MemoryHistoryStore,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<ChannelHistory, PondError>) -> Void
    ) {
        if let memory = store as? MemoryHistoryStore {
            let log = memory.log(of: key, now: loop.now)
            return then(.success(ChannelHistory(key, log, memory: memory, store: nil, on: loop)))
        }
        let patience = (store as? any SharedHistoryStore)?.whileAway.patience
        StorePatience.ask(
            for: patience.map { $0 * 2 },
            on: loop,
            { store.open(key, on: loop, then: $0) },
            then: { result in
                let position: StreamPosition
                switch result {
                case .success(let found)?: position = found
                case .failure(let error)? where patience == nil:
                    store.close(key, on: loop)
                    return then(.failure(error))
                // The store is away: with what is known from before, or else without numbers until it is back.
                case .failure?, nil: position = cache.known(of: key) ?? StreamPosition(epoch: "", offset: 0)
                }
                let log = cache.log(of: key, at: position, now: loop.now)
                let history = ChannelHistory(key, log, memory: cache, store: store, on: loop)
                history.numbering?.begin()
                then(.success(history))
            }
        )
    }

    private init(
        _ key: HistoryKey,
        _ log: MemoryHistoryLog,
        memory: MemoryHistoryStore,
        store: (any HistoryStore)?,
        on loop: EventLoop
    ) {
        self.key = key
        self.loop = loop
        self.memory = memory
        self.store = store
        self.log = log
        if let store { log.follow(revision: store.revision(of: key)) }
        self.line = BroadcastLine(after: log.ring.last)
        let position = log.ring.epoch.isEmpty ? nil : log.ring.position
        self.numbering = (store as? any SharedHistoryStore).map {
            SharedNumbering(key, at: position, in: $0, on: loop, whileAway: $0.whileAway)
        }
        self.absence = (store as? any SharedHistoryStore)?.whileAway ?? .hold
        self.numbering?.goesOut = { [weak self] in self?.arrived($0, wasShown: $1) }
        self.numbering?.shows = { [weak self] in self?.follower?.shows($0) }
        self.numbering?.failedShown = { [weak self] in self?.follower?.failedShown($0) }
        self.numbering?.restarted = { [weak self] in self?.restarted(at: $0) }
    }

    /// The place after the last broadcast that went out.
    var position: StreamPosition { self.log.ring.position }

    /// Whether it is known how the channel's broadcasts are numbered: not where the store was away when it was opened.
    var isNumbered: Bool { !self.log.ring.epoch.isEmpty }

    /// Whether a client that knows a position may know numbered broadcasts that have not gone out here.
    func mayLack(_ position: StreamPosition) -> Bool {
        guard self.isShared else { return false }
        guard self.isNumbered else { return true }
        return position.epoch == self.position.epoch && position.offset > self.position.offset
    }

    /// The number of the last broadcast, out or still on its way into the store.
    var lastNumber: UInt64 { self.line.last }

    /// The channel gets its first member: from here on its epoch must last.
    ///
    /// `then` is called on the loop when the epoch is the one of all nodes, or the store does not answer; at once where
    /// nobody has to be asked.
    func begin(then: @escaping () -> Void) {
        self.log.hadMembers = true
        guard let numbering = self.numbering, self.log.ring.last == 0, self.isNumbered else { return then() }
        let box = LoopConfined(then, to: self.loop)
        StorePatience<Void>.ask(
            for: self.absence.patience,
            on: self.loop,
            { done in numbering.establish { done(()) } },
            then: { _ in box.value() }
        )
    }

    /// Ends the use of the history, by the channel's last member or by a join that was refused.
    func close() {
        self.memory.desert(self.key, now: self.loop.now)
        self.numbering?.close()
        self.store?.close(self.key, on: self.loop)
    }

    // Broadcasts

    /// Numbers a broadcast and has it stored; `goesOut` is called when members may see it, or `failed` instead of it.
    ///
    /// Returns the number.
    @discardableResult
    func add(
        event: String,
        requestId: String,
        recipients: Recipients,
        payload: Payload,
        origin: RequestOrigin?,
        goesOut: @escaping @Sendable (StoredBroadcast) -> Void,
        failed: @escaping @Sendable (StoredBroadcast, PondError) -> Void
    ) -> UInt64 {
        let broadcast = StoredBroadcast(
            offset: self.line.number(),
            event: event,
            requestId: requestId,
            recipients: recipients,
            payload: payload,
            origin: origin
        )
        guard let store = self.store else {
            self.log.append(broadcast, now: self.loop.now)
            goesOut(broadcast)
            return broadcast.offset
        }
        self.line.storing(broadcast)
        store.append(broadcast, to: self.key, epoch: self.position.epoch, on: self.loop) { error in
            for outcome in self.line.stored(broadcast.offset, error) {
                switch outcome {
                case .goesOut(let broadcast):
                    self.log.append(broadcast, now: self.loop.now)
                    goesOut(broadcast)
                case .failed(let broadcast, let error):
                    self.note(error, of: broadcast.offset)
                    failed(broadcast, error)
                }
            }
            self.tellWhoWaited()
        }
        return broadcast.offset
    }

    // Broadcasts of several nodes

    /// Whether other nodes add to it, too.
    var isShared: Bool { self.numbering != nil }

    /// Lets a channel follow what all nodes add.
    func follow(_ follower: Follower) { self.follower = follower }

    /// Has a broadcast numbered and stored by the shared store; it goes out in the order of the numbers.
    ///
    /// Returns what it counts as for `whenSettled`, which is not its number.
    @discardableResult
    func share(
        _ broadcast: SharedBroadcast,
        announce: @escaping SharedNumbering.Announce,
        failed: @escaping @Sendable (StoredBroadcast, PondError) -> Void
    ) -> UInt64 {
        let ticket = self.line.number()
        var entry = broadcast.broadcast
        entry.offset = ticket
        self.line.storing(entry)
        self.numbering?.append(broadcast, announce: announce) { error in
            _ = self.line.stored(ticket, error)
            if let error {
                self.note(error, of: ticket)
                failed(entry, error)
            }
            self.tellWhoWaited()
        }
        return ticket
    }

    /// Another node announced a numbered broadcast.
    func heard(_ broadcast: StoredBroadcast, epoch: String) { self.numbering?.heard(broadcast, epoch: epoch) }

    /// Announcements of other nodes are heard from here on.
    func subscribed() { self.numbering?.subscribed() }

    /// What members have seen while the store was away, and has no number yet: from a place on, and the place after it.
    func shown(from place: UInt64) -> (broadcasts: [SharedBroadcast], next: UInt64) {
        self.numbering?.shown(from: place) ?? ([], 0)
    }

    private func arrived(_ broadcast: StoredBroadcast, wasShown: Bool) {
        self.log.append(broadcast, now: self.loop.now)
        if !wasShown { self.follower?.goesOut(broadcast) }
    }

    private func restarted(at position: StreamPosition) {
        self.log = self.memory.log(of: self.key, at: position, now: self.loop.now)
        self.log.hadMembers = self.follower != nil
        self.followStore()
        self.follower?.restarted()
        let waiting = self.whenKnown
        self.whenKnown = []
        for then in waiting { then() }
    }

    // Settling

    /// Calls `then` when the broadcasts of these numbers, which rise, are settled, with the first error of theirs:
    /// what became of those between them concerns others.
    func whenSettled(_ numbers: [UInt64], _ then: @escaping (PondError?) -> Void) {
        guard let last = numbers.last else { return then(nil) }
        let known = self.failures.first { numbers.contains($0.offset) }?.error
        guard self.line.settled < last, known == nil || !self.isShared else { return then(known) }
        let place = self.waiting.lastIndex { $0.upTo <= last }.map { $0 + 1 } ?? 0
        self.waiting.insert(Waiting(numbers: numbers, upTo: last, then: then, error: known), at: place)
    }

    private func note(_ error: PondError, of offset: UInt64) {
        self.failures.append((offset, error))
        if self.failures.count > Self.rememberedFailures { _ = self.failures.popFirst() }
        for index in self.waiting.indices {
            let waiting = self.waiting[index]
            guard waiting.error == nil, waiting.numbers.contains(offset) else { continue }
            self.waiting[index].error = error
        }
    }

    private func tellWhoWaited() {
        let settled = self.line.settled
        var done = Array(self.waiting.prefix { $0.upTo <= settled })
        self.waiting.removeFirst(done.count)
        // Behind a store that is away, what others wait for may take long, and a failure is final.
        if self.isShared {
            done += self.waiting.filter { $0.error != nil }
            self.waiting.removeAll { $0.error != nil }
        }
        for waiting in done { waiting.then(waiting.error) }
    }

    // Requests

    /// The ids of the requests of a client of which broadcasts are kept; `then` is called on the loop, at once where
    /// the store is memory.
    func requests(of client: ClientID, then: @escaping @Sendable (Result<[String], PondError>) -> Void) {
        guard let store = self.store else { return then(.success(self.log.ring.requests(of: client))) }
        StorePatience.ask(
            for: self.absence.patience,
            on: self.loop,
            { done in
                store.requests(of: client, in: self.key, on: self.loop) { result in
                    guard let numbering = self.numbering else { return done(result) }
                    // What the client sent before must not be seen after what it sends now, numbered or not.
                    numbering.whenReadable { done(result) }
                }
            },
            then: { then($0 ?? .success(self.log.ring.requests(of: client))) }
        )
    }

    /// A request was handled and nothing was broadcast for it.
    func handled(_ request: RequestOrigin) { self.store?.handled(request, in: self.key, on: self.loop) }

    // Recovery

    /// What the store had to say about a position, for `missed` to finish later.
    enum Prepared: Sendable {
        /// Memory reaches back far enough.
        case fromMemory
        /// The numbering is another one, or the store does not reach back.
        case impossible
        /// The store that reaches back did not answer.
        case unread
        /// The member knows more than this node, and the store that would tell is away.
        case ahead
        /// What the store had after the position: all of it up to a number, and perhaps some after that.
        case fromStore([StoredBroadcast], upTo: UInt64)
    }

    /// Waits with a join that is to recover something until it is known how broadcasts are numbered, for a while.
    func whenNumbered(then: @escaping @Sendable () -> Void) {
        guard !self.isNumbered else { return then() }
        StorePatience<Void>.ask(
            for: self.absence.recoveryPatience,
            on: self.loop,
            { done in self.whenKnown.append { done(()) } },
            then: { _ in then() }
        )
    }

    /// Reads what memory does not have; `then` is called on the loop, at once where there is nothing to read.
    func prepare(
        _ position: StreamPosition,
        maximumBytes: Int,
        then: @escaping @Sendable (Prepared) -> Void
    ) {
        guard let numbering = self.numbering, position.epoch == self.position.epoch,
            position.offset > self.position.offset
        else { return self.read(position, maximumBytes: maximumBytes, then: then) }
        // The member heard more on the node it comes from than this one has heard yet.
        StorePatience<Void>.ask(
            for: self.absence.recoveryPatience,
            on: self.loop,
            { done in numbering.catchUp(to: position.offset) { done(()) } },
            then: { answer in
                if answer == nil { return then(.ahead) }
                self.read(position, maximumBytes: maximumBytes, then: then)
            }
        )
    }

    private func read(
        _ position: StreamPosition,
        maximumBytes: Int,
        then: @escaping @Sendable (Prepared) -> Void
    ) {
        self.followStore()
        guard case .impossible = self.log.recover(after: position, maximumBytes: .max, now: self.loop.now) else {
            return then(.fromMemory)
        }
        guard let store = self.store, position.epoch == self.position.epoch,
            position.offset <= self.position.offset
        else { return then(.impossible) }
        let reached = self.position.offset
        StorePatience.ask(
            for: self.absence.recoveryPatience,
            on: self.loop,
            { store.read(self.key, after: position, maximumBytes: maximumBytes, on: self.loop, then: $0) },
            then: { result in
                switch result {
                case .success(.whole(let broadcasts))?: then(.fromStore(broadcasts, upTo: reached))
                case .success(.impossible)?: then(.impossible)
                case .failure?, nil: then(self.isShared ? .unread : .impossible)
                }
            }
        )
    }

    /// Lets go of what is in memory where the store has changed it since: removed and edited, it must not come again.
    private func followStore() {
        if let store = self.store { self.log.follow(revision: store.revision(of: self.key)) }
    }

    /// What a member missed.
    enum Missed: Sendable {
        /// Everything that went out after a position and until now, in order.
        case whole([StoredBroadcast])
        /// It cannot be had.
        case impossible
        /// The store has it and could not be asked; `whenReadable` tells when to try again.
        case unknown
    }

    /// Everything that went out after a position and until now, as far as it can be had.
    func missed(after position: StreamPosition, _ prepared: Prepared, maximumBytes: Int) -> Missed {
        self.followStore()
        let now = self.loop.now
        if case .whole(let missed) = self.log.recover(after: position, maximumBytes: maximumBytes, now: now) {
            return .whole(missed)
        }
        switch prepared {
        case .impossible: return .impossible
        // What lies between this node's knowledge and the member's it has seen; what comes after comes to it.
        case .ahead where position.epoch == self.position.epoch && position.offset > self.position.offset:
            return .whole([])
        case .fromMemory, .ahead, .unread: break
        case .fromStore(let stored, let upTo):
            // What the store has and what has not gone out yet, goes out to the member like to all others.
            let out = stored.prefix { $0.offset <= self.position.offset }
            let reached = StreamPosition(epoch: position.epoch, offset: max(upTo, out.last?.offset ?? 0))
            if case .whole(let rest) = self.log.recover(after: reached, maximumBytes: maximumBytes, now: now) {
                return .whole(out + rest)
            }
        }
        // Of another numbering nothing is found; of this one what memory lost since it was looked at, the store has.
        let isSame = self.isShared && (position.epoch == self.position.epoch || !self.isNumbered)
        return isSame ? .unknown : .impossible
    }

    /// Calls `then` when the shared store has been read: what it could not be asked for can be asked for again.
    func whenReadable(then: @escaping () -> Void) { self.numbering?.whenReadable(then: then) }
}
