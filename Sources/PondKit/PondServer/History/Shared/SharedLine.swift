import PondCore

/// The broadcasts of one channel in the order of their shared numbers, in whichever way and order they arrive here.
///
/// Three ways lead here: the store's answer to an append of this node, the announcement of another node's, and the
/// store itself, which is read where the first two leave a gap. The store's word is final; announcements only make it
/// quick. What can fail, and why nothing is lost, doubled or out of order for all that:
///
/// * A node dies between append and publish: it cannot, both are one step in the store. If it dies before the step, the
///   client has no DELIVERED and sends again, on another node. If it dies after, all others have heard, and the repeat
///   is known by its id.
/// * The answer to an append is lost with the connection: the append is sent again, the store knows the id and answers
///   with the number it gave then. DELIVERED waits for that answer, so it never stands for what is not stored.
/// * The store is away: appends wait in the node, nobody has seen them, and they get their numbers on its return, after
///   what others appended meanwhile. Those beyond a bound fail at once and were never sent.
/// * This node was cut off and missed announcements: the next number leaves a gap; nothing newer goes out before the
///   store was read. It is read, too, whenever the topic is heard again, for the gap that nothing follows.
/// * Announcement and answer overtake each other, being on two connections: what is early is held for a moment.
/// * The store lost some or all of the numbering: appends say what this node knows, so it is found out by whoever knows
///   most; the numbering then begins anew under another epoch and members are made to join again, to be told so.
///   The same happens to a node that was away for longer than the store reaches back.
struct SharedLine: Sendable {
    private enum State: Sendable, Hashable {
        /// Numbers are taken as they come. Can become `reading` or `lost`.
        case following
        /// The store was asked for what this node has not; `again` where something happened since that its answer may
        /// not know of. Can become `following` or `lost`.
        case reading(again: Bool)
        /// The numbering is over, or what is missing cannot be had. Can become `following`, at a new position.
        case lost
    }

    /// What to do because of what happened.
    struct Action: Sendable, Hashable {
        /// These go out to members now, in this order.
        var goesOut: [StoredBroadcast] = []
        /// The store is to be read after this position.
        var reads: StreamPosition?
        /// The store is to be asked for the numbering that holds now; members have missed something.
        var isLost = false
    }

    /// What a reading of the store brought.
    enum Reading: Sendable, Hashable {
        /// All that it has after the position.
        case whole([StoredBroadcast])
        /// The position is none of its, or it does not reach back so far.
        case impossible
        /// It cannot be asked now.
        case failed
    }

    private var state: State = .following
    /// The last that went out.
    private(set) var position: StreamPosition
    /// Those that came before one that is missing.
    private var held: [UInt64: StoredBroadcast] = [:]
    /// The highest number that is known to be given out.
    private var highest: UInt64
    /// When the gap that is there has lasted long enough, or the store may be asked again.
    private var due: MonotonicTime?
    private let patience: Duration
    private let retry: Duration
    private let heldLimit: Int

    init(
        at position: StreamPosition,
        patience: Duration = .milliseconds(40),
        retry: Duration = .milliseconds(500),
        heldLimit: Int = 10_000
    ) {
        self.position = position
        self.highest = position.offset
        self.patience = patience
        self.retry = retry
        self.heldLimit = heldLimit
    }

    var isLost: Bool { self.state == .lost }

    /// Whether the store was asked for what this node has not.
    var isReading: Bool { if case .reading = self.state { true } else { false } }

    /// When `timeReached` should be called.
    var nextDeadline: MonotonicTime? { self.due }

    /// A numbered broadcast arrived, as answer to an append or as announcement.
    mutating func arrived(_ broadcast: StoredBroadcast, epoch: String, now: MonotonicTime) -> Action {
        guard self.state != .lost else { return Action() }
        // Which of the two numberings is the later one, only the store knows.
        guard epoch == self.position.epoch else { return self.ask() }
        guard broadcast.offset > self.position.offset else { return Action() }
        self.highest = max(self.highest, broadcast.offset)
        guard self.held.count < self.heldLimit else {
            self.held = [:]
            return self.ask()
        }
        self.held[broadcast.offset] = broadcast
        return self.settled(now: now)
    }

    /// A broadcast is known to have a number, and what it says is in the store.
    mutating func exists(_ offset: UInt64, now: MonotonicTime) -> Action {
        guard self.state != .lost, offset > self.position.offset else { return Action() }
        self.highest = max(self.highest, offset)
        return self.ask()
    }

    /// Announcements are heard from here on; what came before may have been missed.
    mutating func subscribed() -> Action { self.state == .lost ? Action() : self.ask() }

    /// The deadline may have come.
    mutating func timeReached(now: MonotonicTime) -> Action {
        guard let due = self.due, now >= due, self.state == .following else { return Action() }
        return self.ask()
    }

    /// The store was read.
    mutating func read(_ reading: Reading, now: MonotonicTime) -> Action {
        guard case .reading(let again) = self.state else { return Action() }
        self.state = .following
        switch reading {
        case .impossible: return self.lost()
        case .failed:
            self.due = now + self.retry
            return Action()
        case .whole(let broadcasts):
            var action = Action()
            for broadcast in broadcasts where broadcast.offset > self.position.offset {
                self.held[broadcast.offset] = nil
                self.position.offset = broadcast.offset
                action.goesOut.append(broadcast)
            }
            self.held = self.held.filter { $0.key > self.position.offset }
            action.goesOut += self.settled(now: now).goesOut
            if again {
                action.reads = self.ask().reads
            } else {
                // What was announced before the store was asked, the store has: what it has not is no broadcast of it.
                self.held = [:]
                self.highest = self.position.offset
                self.due = nil
            }
            return action
        }
    }

    /// The store has lost the numbering, or given it up.
    mutating func lost() -> Action {
        guard self.state != .lost else { return Action() }
        self.state = .lost
        self.held = [:]
        self.due = nil
        return Action(isLost: true)
    }

    /// The numbering that holds now.
    mutating func restarted(at position: StreamPosition) {
        self.state = .following
        self.position = position
        self.highest = position.offset
        self.held = [:]
        self.due = nil
    }

    private mutating func ask() -> Action {
        self.due = nil
        guard case .following = self.state else {
            if self.state != .lost { self.state = .reading(again: true) }
            return Action()
        }
        self.state = .reading(again: false)
        return Action(reads: self.position)
    }

    /// Lets out what is next, and waits for what is missing.
    private mutating func settled(now: MonotonicTime) -> Action {
        var action = Action()
        while let next = self.held.removeValue(forKey: self.position.offset &+ 1) {
            self.position.offset = next.offset
            action.goesOut.append(next)
        }
        if self.highest <= self.position.offset {
            self.due = nil
        } else if case .reading = self.state {
            // The answer may be older than what is early here.
            self.state = .reading(again: true)
        } else if self.due == nil {
            self.due = now + self.patience
        }
        return action
    }
}
