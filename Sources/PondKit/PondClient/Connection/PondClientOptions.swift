public import PondCore
public import PondNet
public import PondRuntime

/// What a client does differently from the usual.
public struct PondClientOptions: Sendable {
    /// The times of connecting, reconnecting and the heartbeat.
    public var connection = ConnectionMachine.Settings()
    /// How long the server may take to answer a join.
    public var joinTime: Duration = .seconds(10)
    /// How long the server may take to answer `sendForResponse`.
    public var responseTime: Duration = .seconds(5)
    /// How many messages of a channel may wait for it to be joined; one more drops the oldest.
    public var queueCapacity = 100
    /// How many messages of a channel may be on their way without a confirmation.
    public var unconfirmedWindow = 256
    /// Values that an `AsyncSequence` keeps for a slow consumer.
    public var sequenceCapacity = 4_096
    /// Headers of the handshake's request.
    public var headers: HTTPHeaders = [:]
    /// A secret to ask for on every attempt.
    public var token: ClientToken?
    /// How a `wss` server is checked.
    public var tls = TLSClientConfiguration()
    /// Ask for confirmations, and send again what was not confirmed when a connection was lost.
    public var confirmsSends = true
    /// Ask a returning server for the lost session.
    public var resumesSessions = true
    /// Ask for presence as changes instead of full lists.
    public var wantsPresenceDeltas = true
    /// The bounds of what a server may send.
    public var limits = Limits.default
    /// What opens connections, where it is not WebSocket.
    public var connector: (any ClientConnector)?
    /// Where the client's work happens; without one, on a thread that all such clients share.
    public var loop: EventLoop?
    /// Draws evenly from 0 up to 1, for the jitter.
    package var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// The usual.
    public init() {}
}
