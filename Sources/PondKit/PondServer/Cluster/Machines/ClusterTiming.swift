/// How long the parts of a cluster wait for each other.
public struct ClusterTiming: Sendable, Hashable {
    /// How often a node says that it lives.
    public var heartbeatInterval: Duration = .seconds(30)
    /// Silence after which a node is taken for dead.
    public var heartbeatTimeout: Duration = .seconds(90)
    /// How long to wait for another node to answer for a user.
    public var userGetTimeout: Duration = .milliseconds(500)
    /// After an interruption: how long a node that is back may take to name its users.
    public var stateGrace: Duration = .seconds(3)
    /// The least time between two answers about state on one channel.
    public var stateInterval: Duration = .milliseconds(250)
    /// How long a departure is remembered against messages that come late.
    public var departureMemory: Duration = .seconds(10)

    public init() {}
}
