/// The requests of channels that are over, to which the server's answer may still come.
struct OwedAnswers {
    /// Leaves that the server has not acknowledged: a resumed session would still hold their memberships.
    private(set) var leaves: [(name: String, requestId: String)] = []
    /// Joins whose answer must not reach a new channel of the same name.
    private var joins: [String] = []
    private let bound: Int

    init(bound: Int) { self.bound = max(1, bound) }

    /// A channel was left.
    mutating func leave(_ name: String, requestId: String) {
        if self.leaves.count >= self.bound { self.leaves.removeFirst() }
        self.leaves.append((name, requestId))
    }

    /// A channel was left before the server answered its join.
    mutating func abandon(join requestId: String) {
        self.joins.append(requestId)
        if self.joins.count > self.bound { self.joins.removeFirst() }
    }

    /// Whether a message answers one of these requests, which is then complete.
    mutating func answered(_ requestId: String) -> Bool {
        if let index = self.leaves.firstIndex(where: { $0.requestId == requestId }) {
            self.leaves.remove(at: index)
            return true
        }
        guard let index = self.joins.firstIndex(of: requestId) else { return false }
        self.joins.remove(at: index)
        return true
    }

    /// No answer to a join comes over another connection.
    mutating func connectionLost() { self.joins = [] }

    /// The server has no memberships of this client any more.
    mutating func sessionLost() { self.leaves = [] }
}
