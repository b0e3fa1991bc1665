/// A user of the channel on another node, as far as this node has heard.
struct RemoteUser: Sendable, Hashable {
    var user: DistributedUser
    /// Who has the user.
    var home: Home
    /// The node that said last what is tracked of the user.
    var presenceNode: String
    /// The state exchange that last confirmed the user.
    var round: UInt64
    /// When it joined, on its node's clock; 0 when nobody said.
    var since: Int64

    /// Who has a user: nodes of one runtime repeat what others told them, so an answer about state proves little.
    enum Home: Sendable, Hashable {
        /// Some nodes named the user, none said that it joined there. Can become `certain`.
        case claimed(by: Set<String>)
        /// This node said that the user joined; `before` had it earlier and may say its goodbye late.
        case certain(String, before: String?)
    }

    /// Whether this node is, for all we know, where the user is.
    func isAt(_ node: String) -> Bool {
        switch self.home {
        case .claimed(let nodes): nodes.contains(node)
        case .certain(let home, _): home == node
        }
    }

    /// Whether the user is known to have moved away from this node.
    func hasMoved(from node: String) -> Bool {
        if case .certain(_, before: node) = self.home { return true }
        return false
    }
}
