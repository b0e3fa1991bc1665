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
        kind: ChatMessage.Kind = .text,
        replyTo: String? = nil,
        editOf: String? = nil,
        state: OutboxEntry.State = .queued(notBefore: nil),
        at now: WallTime
    ) -> OutboxEntry {
        let entry = OutboxEntry(
            number: self.nextNumber,
            id: id,
            room: room,
            text: text,
            kind: kind,
            replyTo: replyTo,
            editOf: editOf,
            created: now,
            state: state
        )
        self.nextNumber += 1
        self.entries.append(entry)
        return entry
    }

    /// The entries of a room that may be sent now; they count as sent with this call.
    mutating func take(room: String, at now: WallTime) -> [OutboxEntry] {
        var flying = 0
        var taken: [OutboxEntry] = []
        for index in self.entries.indices where self.entries[index].room == room {
            switch self.entries[index].state {
            case .sending: flying += 1
            case .queued(let notBefore):
                // Order holds: what must wait keeps back everything behind it.
                if let notBefore, notBefore > now { return taken }
                guard flying < Self.window else { return taken }
                self.entries[index].state = .sending(since: now)
                self.entries[index].tries += 1
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

    /// Takes out an entry by its number.
    mutating func drop(number: Int) -> OutboxEntry? { self.remove { $0.number == number } }

    /// Changes the state of an entry.
    mutating func set(_ id: String, _ state: OutboxEntry.State) {
        guard let index = self.entries.firstIndex(where: { $0.id == id }) else { return }
        self.entries[index].state = state
    }

    /// Puts failed and held entries back in the queue; `nil` means all.
    mutating func retry(number: Int?) -> Int {
        var count = 0
        for index in self.entries.indices where number == nil || self.entries[index].number == number {
            switch self.entries[index].state {
            case .failed, .held:
                self.entries[index].state = .queued(notBefore: nil)
                count += 1
            case .queued(.some):
                self.entries[index].state = .queued(notBefore: nil)
                count += 1
            case .queued, .sending: continue
            }
        }
        return count
    }

    /// An entry by its message's id.
    func entry(_ id: String) -> OutboxEntry? { self.entries.first { $0.id == id } }

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
        return self.entries.remove(at: index)
    }
}
