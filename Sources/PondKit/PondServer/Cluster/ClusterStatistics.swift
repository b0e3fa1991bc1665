/// What a node's cluster did since the server was made, for metrics.
public struct ClusterStatistics: Sendable, Hashable {
    /// What the carrier counted; `lost` is what the other nodes did not hear.
    public var carrier = PubSubStatistics()
    /// Messages of other nodes that were taken.
    public var taken = 0
    /// Messages that were refused, by reason.
    public var refused: [String: Int] = [:]
    /// Remote users and presences that were not kept because there are too many.
    public var overflows = 0
    /// Nodes that were taken for dead.
    public var deadNodes = 0

    /// Broadcasts that members of this node saw while the store of their history was away, before they had a number.
    public var shownApart = 0
    /// Broadcasts that the store of their history did not take, so that no other node has them.
    public var unstored = 0
    /// Those of them that members of this node had seen.
    public var shownOnly = 0

    public init() {}
}
