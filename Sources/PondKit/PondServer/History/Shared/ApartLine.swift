import PondCore

/// What this node's own broadcasts of one channel are waiting for, and which of them its members have seen meanwhile.
///
/// As long as the store answers, members see a broadcast when it has its number. Once one has waited for as long as
/// patience lasts, the line is apart: members are shown all that waits, in its order and without numbers, and what comes
/// next at once. All of it still is on its way into the store. When it gets there, other nodes show it like any other;
/// here it is not shown again. Why nothing is lost, doubled or out of a sender's order for that:
///
/// * Everything that is shown apart was appended before, and stays queued under an id that the store knows again. The
///   sender's DELIVERED still waits for the store, so a node that dies apart makes the sender repeat it elsewhere.
/// * A repeat that another node handles meanwhile has the same id, and so the same request id for members: this line
///   knows it by that when it comes back with a number, and clients that went to the other node know it, too.
/// * Appends get their numbers in their order, and members who were there apart saw them in that order. Who comes while
///   the line is apart is first given all that was shown and has no number yet, so one who is there has seen all of it:
///   what gets its number later is for nobody here, and is only remembered for those who recover.
/// * The line is together again when what waits has not waited long, which a store that is merely slow does not bring
///   about: it would make members wait for each message anew. What was shown stays marked, whatever the state.
/// * A sender that knows numbered broadcasts which this node has not read has perhaps sent some of them, on another node.
///   What it sends now is held: shown before those, it would be out of the sender's order. It goes out with its number.
/// * What the store refuses, or has no room for, fails as it always did; its sender is told, and what had been shown by
///   then is counted.
/// * A store that lost the numbering: what it had numbered before never comes; what it had not goes into the next one.
struct ApartLine: Sendable {
    private enum State: Sendable, Hashable {
        /// What waits is not shown. Can become `apart`.
        case together
        /// What waits was shown, and what comes is shown at once. Can become `together`.
        case apart
    }

    /// A broadcast that was appended and has not gone out with a number.
    private struct Entry: Sendable {
        let shared: SharedBroadcast
        let since: MonotonicTime
        /// The number that the store gave.
        var offset: UInt64?
        var isShown = false
        /// Whether members get it with its number only.
        var isHeld = false
    }

    /// What to do with a broadcast that is to be appended.
    enum AppendAction: Sendable, Hashable {
        /// Append it; members see it when it has its number.
        case wait
        /// Append it and show it to members now.
        case show
        /// Too many wait: it fails, and nobody sees it.
        case refuse
    }

    private var state: State = .together
    private let absence: StoreAbsence
    private let limit: Int
    /// Those that wait by their tickets, which rise: that of the first is `first`.
    private var entries = Queue<Entry?>()
    private var first: UInt64 = 1
    /// The number of those that wait.
    private(set) var count = 0
    /// Before this ticket everything was shown or is gone.
    private var unshown: UInt64 = 1
    private var byRequest: [String: [UInt64]] = [:]
    private var byOffset: [UInt64: UInt64] = [:]
    /// The number of held broadcasts of each client: what the client sends after them is held, too.
    private var heldByClient: [ClientID: Int] = [:]

    /// A line on which at most `limit` broadcasts wait.
    init(_ absence: StoreAbsence, limit: Int) {
        self.absence = absence
        self.limit = limit
    }

    var isApart: Bool { self.state == .apart }

    /// When `timeReached` should be called.
    var nextDeadline: MonotonicTime? {
        guard case .show(let patience) = self.absence, self.state == .together else { return nil }
        return self.firstUnshown.map { $0.since + patience }
    }

    private var firstUnshown: Entry? {
        let start = Int(clamping: max(self.unshown, self.first) - self.first)
        guard start < self.entries.count else { return nil }
        return self.entries[start...].lazy.compactMap(\.self).first { !$0.isShown && !$0.isHeld }
    }

    private var end: UInt64 { self.first + UInt64(clamping: self.entries.count) }

    /// The ticket of the next broadcast.
    var next: UInt64 { self.end }

    private subscript(_ ticket: UInt64) -> Entry? {
        get { ticket >= self.first && ticket < self.end ? self.entries[Int(clamping: ticket - self.first)] : nil }
        set {
            if ticket >= self.first, ticket < self.end { self.entries[Int(clamping: ticket - self.first)] = newValue }
        }
    }

    // What happens to a broadcast

    /// A broadcast is to be appended, under the ticket that `next` said.
    ///
    /// `isHeld` where its sender knows numbered broadcasts that have not gone out here.
    mutating func appended(_ shared: SharedBroadcast, isHeld: Bool = false, now: MonotonicTime) -> AppendAction {
        guard self.count < self.limit else { return .refuse }
        let ticket = self.end
        let isRepeat = self.wasShown(shared)
        let client = shared.broadcast.origin?.client
        let isHeld = !isRepeat && (isHeld || client.map { self.heldByClient[$0] != nil } ?? false)
        self.entries.append(Entry(shared: shared, since: now, isHeld: isHeld))
        self.count += 1
        self.byRequest[shared.broadcast.requestId, default: []].append(ticket)
        if isHeld {
            if let client { self.heldByClient[client, default: 0] += 1 }
            return .wait
        }
        guard self.state == .apart else { return .wait }
        self[ticket]?.isShown = true
        self.unshown = ticket + 1
        return isRepeat ? .wait : .show
    }

    /// The store has a broadcast under a number; `out` is the last number that went out.
    mutating func stored(_ ticket: UInt64, at offset: UInt64, out: UInt64, now: MonotonicTime) {
        guard self[ticket] != nil else { return }
        guard offset > out else {
            // It came back another way, as that of another node.
            self.remove(ticket)
            return self.settle(now: now)
        }
        self[ticket]?.offset = offset
        self.byOffset[offset] = ticket
    }

    /// A broadcast will not be stored; says whether members have seen it.
    mutating func failed(_ ticket: UInt64, now: MonotonicTime) -> Bool {
        let wasShown = self[ticket]?.isShown ?? false
        self.remove(ticket)
        self.settle(now: now)
        return wasShown
    }

    /// A numbered broadcast goes out, of whichever node; says whether members have seen it.
    mutating func goesOut(_ broadcast: StoredBroadcast, now: MonotonicTime) -> Bool {
        guard self.count > 0 else { return false }
        let found =
            self.byOffset[broadcast.offset]
            ?? self.byRequest[broadcast.requestId]?.first { self[$0]?.offset == nil }
        guard let found, let entry = self[found] else { return false }
        var wasShown = false
        // Those with the same id are the same, and the store gives them no other number.
        for ticket in self.byRequest[entry.shared.broadcast.requestId] ?? []
        where self[ticket]?.shared.id == entry.shared.id {
            wasShown = wasShown || self[ticket]?.isShown == true
            self.remove(ticket)
        }
        self.settle(now: now)
        return wasShown
    }

    /// Another numbering begins: what had a number in the one before is over, though it never went out.
    mutating func restarted(now: MonotonicTime) {
        for ticket in self.byOffset.values { self.remove(ticket) }
        self.settle(now: now)
    }

    /// The deadline may have come; what is to be shown now.
    mutating func timeReached(now: MonotonicTime) -> [SharedBroadcast] {
        guard let due = self.nextDeadline, now >= due else { return [] }
        self.state = .apart
        var shown: [SharedBroadcast] = []
        for ticket in max(self.unshown, self.first)..<self.end {
            guard let entry = self[ticket], !entry.isShown, !entry.isHeld else { continue }
            if !self.wasShown(entry.shared) { shown.append(entry.shared) }
            self[ticket]?.isShown = true
        }
        self.unshown = self.end
        return shown
    }

    // What members have seen

    /// What was shown and has no number yet, in its order; from a ticket on, for one who has those before it.
    func shown(from ticket: UInt64 = 0) -> [SharedBroadcast] {
        guard self.count > 0, self.unshown > self.first, ticket < self.end else { return [] }
        var ids: Set<String> = []
        var shown: [SharedBroadcast] = []
        for entry in self.entries[Int(clamping: max(ticket, self.first) - self.first)...] {
            guard let entry, entry.isShown, ids.insert(entry.shared.id).inserted else { continue }
            shown.append(entry.shared)
        }
        return shown
    }

    private func wasShown(_ shared: SharedBroadcast) -> Bool {
        self.byRequest[shared.broadcast.requestId]?.contains { ticket in
            guard let other = self[ticket] else { return false }
            return other.isShown && other.shared.id == shared.id
        } ?? false
    }

    // The table

    private mutating func remove(_ ticket: UInt64) {
        guard let entry = self[ticket] else { return }
        self[ticket] = nil
        self.count -= 1
        if let offset = entry.offset { self.byOffset[offset] = nil }
        if entry.isHeld, let client = entry.shared.broadcast.origin?.client, let held = self.heldByClient[client] {
            self.heldByClient[client] = held > 1 ? held - 1 : nil
        }
        let requestId = entry.shared.broadcast.requestId
        self.byRequest[requestId]?.removeAll { $0 == ticket }
        if self.byRequest[requestId]?.isEmpty == true { self.byRequest[requestId] = nil }
    }

    /// Forgets what is gone from the front, and is together again where what waits is fresh.
    private mutating func settle(now: MonotonicTime) {
        while let oldest = self.entries.first, oldest == nil {
            _ = self.entries.popFirst()
            self.first += 1
        }
        self.unshown = max(self.unshown, self.first)
        guard self.state == .apart, case .show(let patience) = self.absence else { return }
        guard let oldest = self.entries.first ?? nil else {
            self.state = .together
            return
        }
        if now - oldest.since < patience / 2 { self.state = .together }
    }
}
