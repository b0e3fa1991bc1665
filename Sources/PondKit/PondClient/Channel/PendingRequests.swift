import PondCore

/// The requests that wait for an answer, each with its deadline.
struct PendingRequests<Waiter> {
    private struct Entry {
        let waiter: Waiter
        let deadline: MonotonicTime
        /// When it was sent over the present connection.
        var sentAt: MonotonicTime?
    }

    private var entries: [String: Entry] = [:]
    let bound: Int

    init(bound: Int = 1_000) { self.bound = bound }

    var isEmpty: Bool { self.entries.isEmpty }

    /// When the first of them runs out of time.
    var nextDeadline: MonotonicTime? { self.entries.values.lazy.map(\.deadline).min() }

    /// Takes a request; `false` when too many wait already.
    mutating func add(_ requestId: String, _ waiter: Waiter, deadline: MonotonicTime) -> Bool {
        guard self.entries.count < self.bound, self.entries[requestId] == nil else { return false }
        self.entries[requestId] = Entry(waiter: waiter, deadline: deadline)
        return true
    }

    /// When the oldest of the requests was sent that went over the present connection.
    var oldestSent: MonotonicTime? { self.entries.values.lazy.compactMap(\.sentAt).min() }

    /// A request was handed to the connection.
    mutating func sent(_ requestId: String, now: MonotonicTime) { self.entries[requestId]?.sentAt = now }

    /// The connection is gone: no request has been sent over the next one.
    mutating func disconnected() {
        for requestId in self.entries.keys { self.entries[requestId]?.sentAt = nil }
    }

    /// An answer came, or nobody waits any more. Returns who waited.
    mutating func remove(_ requestId: String) -> Waiter? {
        self.entries.removeValue(forKey: requestId)?.waiter
    }

    func contains(_ requestId: String) -> Bool { self.entries[requestId] != nil }

    /// Nobody can answer those any more. Returns who waited.
    mutating func remove(where isLost: (String) -> Bool) -> [Waiter] {
        self.entries.keys.filter(isLost).compactMap { self.remove($0) }
    }

    /// Those whose time is over.
    mutating func expired(now: MonotonicTime) -> [(requestId: String, waiter: Waiter)] {
        let over = self.entries.filter { $0.value.deadline <= now }
        for requestId in over.keys { self.entries[requestId] = nil }
        return over.sorted { $0.value.deadline < $1.value.deadline }.map { ($0.key, $0.value.waiter) }
    }

    /// Nothing can be answered any more. Returns everybody who waited.
    mutating func removeAll() -> [(requestId: String, waiter: Waiter)] {
        defer { self.entries = [:] }
        return self.entries.sorted { $0.value.deadline < $1.value.deadline }.map { ($0.key, $0.value.waiter) }
    }
}
