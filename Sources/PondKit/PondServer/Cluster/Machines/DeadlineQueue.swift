import PondCore

/// Deadlines that were all given the same time to run, so that the first one in is the first one due.
struct DeadlineQueue<ID: Sendable>: Sendable {
    private var waiting = Queue<(due: MonotonicTime, id: ID)>()

    /// When the next one is due.
    var next: MonotonicTime? { self.waiting.first?.due }

    /// Those that are not taken.
    var count: Int { self.waiting.count }

    mutating func append(_ id: ID, due: MonotonicTime) {
        self.waiting.append((max(due, self.waiting.last?.due ?? due), id))
    }

    /// Takes the next one if it is due.
    mutating func popDue(now: MonotonicTime) -> ID? {
        guard let next = self.next, next <= now else { return nil }
        return self.waiting.popFirst()?.id
    }
}
