/// The bound of every count that another node can drive up.
public struct ClusterLimits: Sendable, Hashable {
    /// Bytes of one message between nodes.
    public var messageBytes = 16 * 1024 * 1024
    /// Bytes of a node, user, request or channel id and of an event's name.
    public var nameBytes = 512
    /// Bytes of one remote presence.
    public var presenceBytes = 16 * 1024
    /// Users in one answer about state; ours are cut into several of at most `stateChunk`.
    public var usersPerState = 100_000
    /// Users in one answer about state that we send.
    public var stateChunk = 1_000
    /// Users named as recipients of one message.
    public var recipients = 100_000
    /// Remote users that one channel keeps.
    public var remoteUsers = 100_000
    /// Nodes whose life is watched.
    public var nodes = 10_000
    /// Questions for a remote user that wait for an answer, per channel.
    public var pendingQuestions = 1_000
    /// Users that left, remembered for a while against messages that come late; per channel.
    public var departures = 10_000
    /// The members of one object and the elements of one array.
    public var jsonMembers = 100_000
    /// Depth of nested JSON.
    public var jsonDepth = 160

    public init() {}

    /// The bounds that hold unless a server says otherwise.
    public static let `default` = ClusterLimits()
}
