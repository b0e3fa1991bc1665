public import PondCore

/// A request for a connection as an adapter received it.
public struct ConnectionRequest: Sendable {
    /// The path, percent-encoded as it came, without the query.
    public var path: String
    /// The query's values by name, decoded.
    public var query: [String: [String]]
    /// The header fields.
    public var headers: HTTPHeaders
    /// The address of the peer's end of the socket, without the port.
    public var remoteAddress: String
    /// What will carry the messages.
    public var kind: TransportKind

    /// A request with all its parts.
    public init(
        path: String,
        query: [String: [String]] = [:],
        headers: HTTPHeaders = HTTPHeaders(),
        remoteAddress: String = "127.0.0.1",
        kind: TransportKind = .webSocket
    ) {
        self.path = path
        self.query = query
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.kind = kind
    }
}
