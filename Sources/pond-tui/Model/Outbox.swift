/// All that the user has written and the server has not confirmed, in the order it was written. It has no bound:
/// what a person types fits in memory, and dropping it silently is the one thing a chat must not do.
struct Outbox: Hashable, Sendable {
    private(set) var entries: [OutboxEntry] = []
    private var nextNumber = 1
    /// How many messages of one room may be on their way at once. One: were there more, a server that refuses the first
    /// for its haste might take the second, and what was said would be out of order.
    static let window = 1

    /// Takes in a message.
    @discardableResult
    mutating func add(
        id: String,
        room: String,
        text: String,
        purpose: OutboxEntry.Purpose = .message(.text, replyTo: nil),
        state: OutboxEntry.State = .queued(notBefore: nil),
        mayHaveArrived: Bool = false,
        wanted: WallTime? = nil,
        at now: WallTime
    ) -> OutboxEntry {
        let entry = OutboxEntry(
            number: self.nextNumber,
            id: id,
            room: room,
            text: text,
            purpose: purpose,
            created: now,
            wanted: wanted ?? now,
            state: state,
            mayHaveArrived: mayHaveArrived
        )
        self.nextNumber += 1
        self.entries.append(entry)
        return entry
    }

    /// The entries of a room that may be sent now; they count as sent with this call.
    mutating func take(room: String, at now: WallTime) -> [OutboxEntry] {
        var flying = 0
        let waiting = Set(self.entries.lazy.map(\.id))
        var taken: [OutboxEntry] = []
        for index in self.entries.indices where self.entries[index].room == room {
            switch self.entries[index].state {
            case .sending: flying += 1
            // What needs a message that failed or is held waits with it.
            case .queued where self.entries[index].needs.map(waiting.contains) == true: continue
            case .queued(let notBefore):
                // Order holds: what must wait keeps back everything behind it.
                if let notBefore, notBefore > now { return taken }
                guard flying < Self.window else { return taken }
                self.entries[index].state = .sending(since: now)
                self.entries[index].mayHaveArrived = true
                flying += 1
                taken.append(self.entries[index])
            case .failed, .held: continue
            }
        }
        return taken
    }

    /// Takes out what the server has confirmed.
    @discardableResult
    mutating func confirm(_ id: String) -> OutboxEntry? { self.remove { $0.id == id } }

    /// Takes out an entry, with the changes that were to follow it: they have nothing to change any more. Gives back
    /// their ids.
    mutating func drop(_ id: String) -> [String] {
        let dropped = self.entries.filter { $0.id == id || $0.changes == id }.map(\.id)
        self.entries.removeAll { dropped.contains($0.id) }
        for index in self.entries.indices {
            guard case .message(let kind, id) = self.entries[index].purpose else { continue }
            self.entries[index].purpose = .message(kind, replyTo: nil)
        }
        self.renumber()
        return dropped
    }

    /// Takes out the changes of a message that are not with the client: a later change replaces them.
    mutating func dropChanges(of id: String) -> [String] {
        let dropped = self.entries.filter { $0.changes == id && $0.isHere }.map(\.id)
        self.entries.removeAll { dropped.contains($0.id) }
        self.renumber()
        return dropped
    }

    /// Changes the text of an entry that is still here; a failed one is queued again, for the user has mended it.
    mutating func rewrite(_ id: String, to text: String) {
        guard let index = self.entries.firstIndex(where: { $0.id == id }) else { return }
        self.entries[index].text = text
        if case .failed = self.entries[index].state { self.entries[index].state = .queued(notBefore: nil) }
    }

    /// The server said that it does not have an entry: it can be changed here again.
    mutating func markRefused(_ id: String) {
        guard let index = self.entries.firstIndex(where: { $0.id == id }) else { return }
        self.entries[index].mayHaveArrived = false
    }

    /// Holds what is queued in a room, in order, when the first of it waited too long; gives back how many it holds.
    mutating func holdOld(room: String, at now: WallTime) -> Int {
        let queued = self.entries.indices.filter { index in
            guard self.entries[index].room == room else { return false }
            return if case .queued = self.entries[index].state { true } else { false }
        }
        guard queued.contains(where: { now - self.entries[$0].wanted > OutboxEntry.askedAfter }) else { return 0 }
        for index in queued { self.entries[index].state = .held }
        return queued.count
    }

    /// What the client has had for so long that it is not to send it again by itself.
    func overdue(room: String, at now: WallTime) -> [OutboxEntry] {
        self.entries.filter { entry in
            guard entry.room == room, case .sending = entry.state else { return false }
            return now - entry.wanted > OutboxEntry.askedAfter
        }
    }

    /// Changes the state of an entry.
    mutating func set(_ id: String, _ state: OutboxEntry.State) {
        guard let index = self.entries.firstIndex(where: { $0.id == id }) else { return }
        self.entries[index].state = state
    }

    /// Puts failed and held entries back in the queue; `nil` means all.
    mutating func retry(number: Int?, at now: WallTime) -> Int {
        var count = 0
        for index in self.entries.indices where number == nil || self.entries[index].number == number {
            switch self.entries[index].state {
            case .queued(nil), .sending: continue
            case .failed, .held, .queued:
                self.entries[index].state = .queued(notBefore: nil)
                self.entries[index].wanted = now
                count += 1
            }
        }
        return count
    }

    /// An entry by its message's id.
    func entry(_ id: String) -> OutboxEntry? { self.entries.first { $0.id == id } }

    /// An entry by its number.
    func entry(number: Int) -> OutboxEntry? { self.entries.first { $0.number == number } }

    /// The last change of a message that waits.
    func change(of id: String) -> OutboxEntry? { self.entries.last { $0.changes == id } }

    /// Whether a removal of a message waits.
    func isBeingRemoved(_ id: String) -> Bool {
        guard case .removal = self.change(of: id)?.purpose else { return false }
        return true
    }

    /// How many entries wait for the user's word.
    var heldCount: Int { self.entries.count { $0.state == .held } }

    /// The entries of a room.
    func entries(of room: String) -> [OutboxEntry] { self.entries.filter { $0.room == room } }

    /// When a waiting entry may go at the earliest.
    var nextRelease: WallTime? {
        self.entries.compactMap { entry in
            if case .queued(let notBefore) = entry.state { notBefore } else { nil }
        }.min()
    }

    /// How many entries are queued, under way, and refused or held.
    var counts: (queued: Int, sending: Int, failed: Int) {
        self.entries.reduce(into: (queued: 0, sending: 0, failed: 0)) { counts, entry in
            switch entry.state {
            case .queued: counts.queued += 1
            case .sending: counts.sending += 1
            case .failed, .held: counts.failed += 1
            }
        }
    }

    private mutating func remove(where matches: (OutboxEntry) -> Bool) -> OutboxEntry? {
        guard let index = self.entries.firstIndex(where: matches) else { return nil }
        defer { self.renumber() }
        return self.entries.remove(at: index)
    }

    /// Numbers stay while anything waits, and begin again when nothing does.
    private mutating func renumber() { if self.entries.isEmpty { self.nextNumber = 1 } }
}
