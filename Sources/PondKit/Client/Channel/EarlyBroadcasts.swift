/// The ids of the latest broadcasts that came without the number that they will have.
///
/// A server that cannot reach the store of its numbers shows its members what is said there at once. The same comes
/// again with a number to those who recover it, and without one to those who join again before.
struct EarlyBroadcasts: Sendable, Hashable {
    private static let limit = 2_048
    private var ids: Set<String> = []
    private var order: [String] = []
    private var head = 0

    var count: Int { self.ids.count }

    /// A broadcast came without a number; says whether it is new.
    mutating func cameWithout(number requestId: String) -> Bool {
        guard !requestId.isEmpty else { return true }
        guard self.ids.insert(requestId).inserted else { return false }
        self.order.append(requestId)
        while self.order.count - self.head > Self.limit {
            self.ids.remove(self.order[self.head])
            self.head += 1
        }
        if self.head * 2 > self.order.count {
            self.order.removeFirst(self.head)
            self.head = 0
        }
        return true
    }

    /// A broadcast came with its number; says whether it had come without.
    ///
    /// It is remembered on: the numbering may begin anew before everybody has it.
    func came(number requestId: String) -> Bool { !self.ids.isEmpty && self.ids.contains(requestId) }
}
