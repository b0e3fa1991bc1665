/// The limits on everything that a peer can make grow. The defaults are safe on a public network.
///
/// A limit of a server holds for each server; in a cluster, for each node, unless its comment says otherwise.
public struct Limits: Sendable, Hashable {
    // Connections

    /// Connections of one server; 100,000. One more is answered with 503.
    public var connections = 100_000
    /// Connections from one IPv4 address or one IPv6 network; 10,000. One more is answered with 503.
    public var connectionsPerAddress = 10_000
    /// Time for the TLS handshake and the request head together; 10 s. After that, the socket is closed.
    public var handshakeTime: Duration = .seconds(10)
    /// Bytes of a request head; 16 KiB. A longer one is answered with 431.
    public var handshakeBytes = 16 * 1024
    /// Header fields of a request; 100. One more is answered with 431.
    public var headerCount = 100
    /// Time for a WebSocket close handshake or for writing the last bytes; 5 s.
    public var closeTime: Duration = .seconds(5)
    /// Time that a handler may block its event loop before the log and the metrics report it; 100 ms.
    public var handlerBlockTime: Duration = .milliseconds(100)

    // Messages

    /// Bytes of one message from a peer; 1 MiB. A longer one closes the connection with 1009.
    public var messageBytes = 1024 * 1024
    /// Bytes of one message that a server sends, with the keys it adds; 1 MiB.
    ///
    /// A broadcast, reply or list of presences that would be larger fails with 413 at its sender and is neither stored nor
    /// sent. Clients refuse more than their own `messageBytes` and a margin, so raise both together.
    public var outgoingMessageBytes = 1024 * 1024
    /// Bytes by which a message of a server may exceed a client's `messageBytes` and `inflatedBytes`; 4 KiB.
    public var messageMarginBytes = 4 * 1024
    /// Fragments of one WebSocket message; 1,024. One more closes the connection with 1009.
    public var messageFragments = 1024
    /// Bytes of incomplete messages that the connections of one loop hold together; 128 MiB.
    ///
    /// Above it, the connection with the oldest incomplete message is closed with 1013.
    public var unfinishedBytes = 128 * 1024 * 1024
    /// Bytes that a compressed message may inflate to; 1 MiB. More closes the connection with 1009.
    public var inflatedBytes = 1024 * 1024
    /// Nested objects and arrays in a message; 128. A deeper one is answered with INVALID_MESSAGE.
    public var jsonDepth = 128
    /// Members of one object, and elements of one array, in a message; 10,000.
    public var jsonKeys = 10_000
    /// Bytes of a channel's name in UTF-8; 256.
    public var channelNameBytes = 256
    /// Bytes of an event's name in UTF-8; 128.
    public var eventNameBytes = 128
    /// Bytes of a request id in UTF-8; 128.
    public var requestIdBytes = 128
    /// JSON documents in one newline-separated frame; 256.
    public var messagesPerFrame = 256
    /// Bytes of one request body beside an event stream; 1 MiB. A longer one is answered with 413.
    public var sseBodyBytes = 1024 * 1024

    // Rates, per connection

    /// Channels that one connection is a member of; 256. One more join is declined with 429.
    public var channelsPerConnection = 256
    /// Joins per second of one connection, on average; 100.
    public var joinsPerSecond = 100.0
    /// Joins at once of one connection; 300. One more is declined with 429.
    public var joinBurst = 300
    /// Messages per second of one connection, on average; 10,000.
    public var messagesPerSecond = 10_000.0
    /// Messages at once of one connection; 20,000. One more is answered with 429.
    public var messageBurst = 20_000
    /// Control frames (ping, pong) per second of one connection; 100. More closes it with 1008.
    public var controlFramesPerSecond = 100.0
    /// Messages of one connection in one channel that are queued behind a suspended handler; 1,000.
    public var pendingMessagesPerMember = 1_000
    /// Bytes of these messages; 4 MiB. One more message is answered with 429.
    public var pendingBytesPerMember = 4 * 1024 * 1024
    /// Broadcasts and replies of one channel that are queued behind a suspended outgoing handler; 1,000.
    ///
    /// While the queue is full, messages to the channel are answered with 429.
    public var pendingBroadcastsPerChannel = 1_000
    /// Bytes of these broadcasts and replies; 8 MiB.
    public var pendingBytesPerChannel = 8 * 1024 * 1024
    /// Messages and broadcasts of one event loop that are queued behind handlers, of all its channels; 100,000.
    public var pendingMessages = 100_000
    /// Bytes of these, and separately of messages that other loops have handed to one loop; 64 MiB.
    ///
    /// One more message is answered with 429.
    public var pendingBytes = 64 * 1024 * 1024
    /// Unfinished handlers of one connection; 1,000. One more message is answered with 429.
    public var inFlightRequests = 1_000

    // Outbound

    /// Bytes queued for one connection; 1 MiB. Above it, the connection is closed as too slow; its session stays.
    public var outboundBytes = 1024 * 1024

    // Channels

    /// Channels with members; 100,000. A join that would create one more is declined with 503.
    public var channels = 100_000
    /// Members of one channel; 100,000. One more join is declined with 503.
    public var membersPerChannel = 100_000
    /// Bytes of one presence; 16 KiB, and at most a quarter of `outgoingMessageBytes`.
    ///
    /// The list of all presences of a channel has to fit into one message: tracking one more fails with 413.
    public var presenceBytes = 16 * 1024
    /// Bytes per second of full presence lists, for one channel and all its v1 members on this node; 64 MiB.
    ///
    /// Above it, changes are queued: updates of one user are merged, and each message carries the newest list. Clients
    /// that ask for deltas, as PondKit's client does, get every change at once.
    public var presenceListBytesPerSecond = 64 * 1024 * 1024
    /// The longest time that a presence change is queued for a message of its own; 30 s.
    ///
    /// After that, only the list in the next message shows it. A list that exceeds the budget delays the next list by at
    /// most this time.
    public var presenceDelay: Duration = .seconds(30)

    // Liveness

    /// Time between pings; 30 s.
    public var pingInterval: Duration = .seconds(30)
    /// Time without input after which a connection is dropped; 60 s.
    public var idleTime: Duration = .seconds(60)
    /// Time between comments that keep an event stream open through proxies; 15 s.
    public var sseKeepalive: Duration = .seconds(15)

    // History, sessions, acknowledgements

    /// Broadcasts of one channel that are kept in memory; 1,000.
    public var historyMessages = 1_000
    /// Bytes of these broadcasts, and of one recovery; 4 MiB.
    public var historyBytes = 4 * 1024 * 1024
    /// Time for which a broadcast is kept in memory; 1 h.
    public var historyAge: Duration = .seconds(3600)
    /// Detached sessions that the server keeps; 100,000. One more ends the oldest of them.
    public var sessions = 100_000
    /// Time for which a detached session is kept; 15 s. Zero turns sessions off.
    public var sessionGrace: Duration = .seconds(15)
    /// Handled requests of one client in one channel that are remembered, so that a repeat is not handled again; 4,096.
    public var dedupeRequests = 4_096
    /// Time for which a handled request is remembered; 300 s.
    public var dedupeAge: Duration = .seconds(300)

    /// The default limits.
    public init() {}

    /// The default limits.
    public static let `default` = Limits()
}
