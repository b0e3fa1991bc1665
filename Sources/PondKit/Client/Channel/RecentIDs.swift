/// The latest ids of many.
struct RecentIDs: Sendable, Hashable {
    private let limit: Int
    private var ids: Set<String> = []
    /// In the order they came; those before `head` are forgotten.
    private var order: [String] = []
    private var head = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { self.ids.count }

    func contains(_ id: String) -> Bool { !self.ids.isEmpty && self.ids.contains(id) }

    /// Remembers an id; says whether it was not remembered.
    mutating func add(_ id: String) -> Bool {
        guard self.ids.insert(id).inserted else { return false }
        self.order.append(id)
        if self.order.count - self.head > self.limit {
            self.ids.remove(self.order[self.head])
            self.head += 1
        }
        if self.head > self.limit {
            self.order.removeFirst(self.head)
            self.head = 0
        }
        return true
    }
}
