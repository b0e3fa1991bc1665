public import PondCore
public import PondNet
public import PondRuntime

/// The settings of a client.
public struct PondClientOptions: Sendable {
    /// The times of connecting, reconnecting and the heartbeat.
    public var connection = ConnectionMachine.Settings()
    /// How long the server may take to answer a join.
    public var joinTime: Duration = .seconds(10)
    /// How long the server may take to answer `sendForResponse`.
    public var responseTime: Duration = .seconds(5)
    /// The number of pending messages of a channel; one more fails the oldest.
    public var queueCapacity = 100
    /// The number of messages of a channel that may be in flight.
    public var unconfirmedWindow = 256
    /// Values that an `AsyncSequence` keeps for a slow consumer.
    public var sequenceCapacity = 4_096
    /// Headers of the handshake's request.
    public var headers: HTTPHeaders = [:]
    /// The token to send; asked for at every attempt.
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
    /// What opens connections; `nil` is WebSocket.
    public var connector: (any ClientConnector)?
    /// The loop of the client; `nil` is one thread that all such clients share.
    public var loop: EventLoop?
    /// Where unconfirmed messages, positions and the session survive the process; without one, in memory alone.
    public var outbox: (any OutboxStore)?
    /// Where the client learns that the network came back, to reconnect at once; `nil` waits for the next attempt.
    public var network: (any NetworkSource)? = SystemNetworkSource()
    /// Draws evenly from 0 up to 1, for the jitter.
    package var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// Default options.
    public init() {}
}
