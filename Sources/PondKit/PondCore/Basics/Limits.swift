/// The bound of every count that a peer can drive up, on by default.
public struct Limits: Sendable, Hashable {
    // Connections
    public var connections = 100_000
    public var connectionsPerAddress = 10_000
    public var handshakeTime: Duration = .seconds(10)
    public var handshakeBytes = 16 * 1024
    public var headerCount = 100
    /// How long a WebSocket close handshake or a last flush may take.
    public var closeTime: Duration = .seconds(5)
    /// How long a handler may keep its event loop from everything else before the log and the metrics are told.
    public var handlerBlockTime: Duration = .milliseconds(100)

    // Messages
    public var messageBytes = 1024 * 1024
    /// Bytes of one message that a server sends, with the keys it adds: a broadcast, a reply, a list of presences. What
    /// would be larger fails with 413 at its sender, and is neither stored nor sent. Clients refuse more than their own
    /// `messageBytes` and a margin, so raise it together with theirs.
    public var outgoingMessageBytes = 1024 * 1024
    /// Bytes by which a message of a server may exceed a client's `messageBytes` and `inflatedBytes`.
    public var messageMarginBytes = 4 * 1024
    /// The fragments of one message.
    public var messageFragments = 1024
    /// What the connections of one loop hold together of messages that are not over; beyond it the oldest is given up.
    public var unfinishedBytes = 128 * 1024 * 1024
    /// What a compressed message may inflate to.
    public var inflatedBytes = 1024 * 1024
    public var jsonDepth = 128
    /// The members of one object and the elements of one array in an envelope.
    public var jsonKeys = 10_000
    public var channelNameBytes = 256
    public var eventNameBytes = 128
    public var requestIdBytes = 128
    /// JSON documents in one newline-separated frame.
    public var messagesPerFrame = 256
    public var sseBodyBytes = 1024 * 1024

    // Rates, per connection
    public var channelsPerConnection = 256
    public var joinsPerSecond = 100.0
    public var joinBurst = 300
    public var messagesPerSecond = 10_000.0
    public var messageBurst = 20_000
    /// Control frames (ping, pong) per second.
    public var controlFramesPerSecond = 100.0
    /// Messages of one connection on one channel that wait for a handler.
    public var pendingMessagesPerMember = 1_000
    /// Bytes of messages of one connection on one channel that wait for a handler; one more message is answered with 429.
    public var pendingBytesPerMember = 4 * 1024 * 1024
    /// Broadcasts and replies of one channel that wait for an outgoing handler; meanwhile messages of its members are
    /// answered with 429.
    public var pendingBroadcastsPerChannel = 1_000
    /// Bytes of broadcasts and replies of one channel that wait for an outgoing handler; meanwhile messages of its
    /// members are answered with 429.
    public var pendingBytesPerChannel = 8 * 1024 * 1024
    /// Messages and broadcasts of one event loop that wait for handlers, of all members and channels together.
    public var pendingMessages = 100_000
    /// Bytes of messages and broadcasts of one event loop that wait for handlers, of all members and channels together;
    /// also the bytes of messages on their way to one event loop from the others. One more message is answered with 429.
    public var pendingBytes = 64 * 1024 * 1024
    /// Handlers of one connection that have not finished.
    public var inFlightRequests = 1_000

    // Outbound
    /// Bytes queued for one connection before it is closed as too slow.
    public var outboundBytes = 1024 * 1024

    // Channels
    public var channels = 100_000
    public var membersPerChannel = 100_000
    /// Bytes of one presence; at most a quarter of `outgoingMessageBytes`. The list of all presences of a channel has to
    /// fit into one message, too: tracking one more then fails with 413.
    public var presenceBytes = 16 * 1024
    /// Bytes of full presence lists per second, for one channel and all its v1 members on this node; 64 MiB by default.
    /// Above it, changes are queued: updates of one user are merged, and each message carries the newest list. Clients
    /// that ask for deltas, as PondKit's client does, get every change at once.
    public var presenceListBytesPerSecond = 64 * 1024 * 1024
    /// The longest time that a presence change is queued for a message of its own; 30 s by default. After that, only the
    /// list in the next message shows it. A list that exceeds the budget delays the next list by at most this time.
    public var presenceDelay: Duration = .seconds(30)

    // Liveness
    public var pingInterval: Duration = .seconds(30)
    /// Silence after which a peer is taken for dead.
    public var idleTime: Duration = .seconds(60)
    public var sseKeepalive: Duration = .seconds(15)

    // History, sessions, acknowledgements
    public var historyMessages = 1_000
    public var historyBytes = 4 * 1024 * 1024
    public var historyAge: Duration = .seconds(3600)
    public var sessions = 100_000
    public var sessionGrace: Duration = .seconds(15)
    public var dedupeRequests = 4_096
    public var dedupeAge: Duration = .seconds(300)

    public init() {}

    /// The bounds that hold unless a server says otherwise.
    public static let `default` = Limits()
}
