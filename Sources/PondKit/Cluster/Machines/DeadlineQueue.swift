/// Deadlines that were all given the same time to run, so that the first one in is the first one due.
struct DeadlineQueue<ID: Sendable>: Sendable {
    private var waiting: [(due: MonotonicTime, id: ID)] = []
    private var head = 0

    /// When the next one is due.
    var next: MonotonicTime? { self.head < self.waiting.count ? self.waiting[self.head].due : nil }

    /// Those that are not taken.
    var count: Int { self.waiting.count - self.head }

    mutating func append(_ id: ID, due: MonotonicTime) {
        self.waiting.append((max(due, self.waiting.last?.due ?? due), id))
    }

    /// Takes the next one if it is due.
    mutating func popDue(now: MonotonicTime) -> ID? {
        guard let next = self.next, next <= now else { return nil }
        defer {
            self.head += 1
            if self.head == self.waiting.count {
                self.waiting = []
                self.head = 0
            } else if self.head > 1_024, self.head * 2 > self.waiting.count {
                self.waiting.removeFirst(self.head)
                self.head = 0
            }
        }
        return self.waiting[self.head].id
    }
}
