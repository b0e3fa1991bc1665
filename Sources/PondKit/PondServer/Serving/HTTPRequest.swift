public import PondCore

/// A plain HTTP request that is not one of the protocol's own, such as one for a health check.
public struct HTTPRequest: Sendable {
    /// The method, as `GET`.
    public var method: String
    /// The path, percent-encoded as it came, without the query.
    public var path: String
    /// The query's values by name, decoded.
    public var query: [String: [String]]
    /// The header fields.
    public var headers: HTTPHeaders
    /// The address of the peer's end of the socket, without the port.
    public var remoteAddress: String
    /// The body.
    public var body: [UInt8]
}
