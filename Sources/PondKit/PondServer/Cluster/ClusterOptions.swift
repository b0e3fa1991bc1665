import PondCore
internal import PondRuntime

/// Makes a server one node of several that act as one.
///
/// ```swift
/// var options = PondOptions()
/// options.cluster = ClusterOptions(try RedisPubSub("redis://127.0.0.1"))
/// ```
public struct ClusterOptions: Sendable {
    /// What carries messages between the nodes; closed with the server.
    public var pubSub: any PubSub
    /// What this node is called; no two nodes may share it.
    public var nodeId = PondID.uuid()
    /// The topics of the cluster.
    public var topics = ClusterTopics()
    /// How long the nodes wait for each other.
    public var timing = ClusterTiming()
    /// The bounds of what other nodes can drive up.
    public var limits = ClusterLimits.default

    /// Where sessions are kept that go on with another node when theirs is gone; `nil` where they do not.
    public var sessions: (any SharedSessionStore)?

    /// The time of day in milliseconds, which this node writes into its messages.
    package var wallClock: @Sendable () -> Int64 = { WallClock.epochMilliseconds() }

    /// A node that speaks to others through `pubSub`.
    public init(_ pubSub: any PubSub, topics: ClusterTopics = ClusterTopics()) {
        self.pubSub = pubSub
        self.topics = topics
    }
}
