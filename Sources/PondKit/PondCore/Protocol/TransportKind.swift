/// What carries a connection's messages.
public struct TransportKind: Sendable, Hashable, CustomStringConvertible {
    /// The name in logs and metrics.
    public let description: String

    /// A kind of one's own, for adapters.
    public init(_ name: String) { self.description = name }

    /// WebSocket.
    public static let webSocket = TransportKind("websocket")
    /// Server-sent events down, POST requests up.
    public static let serverSentEvents = TransportKind("sse")
    /// A pair in memory, for tests.
    public static let memory = TransportKind("memory")
}
