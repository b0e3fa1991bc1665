import PondCore

/// The latest ids of many.
struct RecentIDs: Sendable, Hashable {
    private let limit: Int
    private var ids: Set<String> = []
    /// The same ids, the oldest first.
    private var order = Queue<String>()

    init(limit: Int) { self.limit = limit }

    var count: Int { self.ids.count }

    func contains(_ id: String) -> Bool { !self.ids.isEmpty && self.ids.contains(id) }

    /// Remembers an id; says whether it was not remembered.
    mutating func add(_ id: String) -> Bool {
        guard self.ids.insert(id).inserted else { return false }
        self.order.append(id)
        if self.order.count > self.limit, let oldest = self.order.popFirst() { self.ids.remove(oldest) }
        return true
    }
}
