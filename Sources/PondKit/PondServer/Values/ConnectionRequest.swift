public import PondCore

/// A request for a connection as an adapter received it.
public struct ConnectionRequest: Sendable {
    /// The path, percent-encoded as it came, without the query.
    public var path: String
    /// The header fields.
    public var headers: HTTPHeaders
    /// The address of the peer's end of the socket, without the port.
    public var remoteAddress: String
    /// What will carry the messages.
    public var kind: TransportKind
    private var storedQuery: Query

    private enum Query {
        /// As it came: few handlers look at it.
        case text(String)
        case values([String: [String]])
    }

    /// The query's values by name, decoded.
    public var query: [String: [String]] {
        get {
            switch self.storedQuery {
            case .text(let text): PercentCoding.query(text.utf8)
            case .values(let values): values
            }
        }
        set { self.storedQuery = .values(newValue) }
    }

    /// A request with all its parts.
    public init(
        path: String,
        query: [String: [String]] = [:],
        headers: HTTPHeaders = HTTPHeaders(),
        remoteAddress: String = "127.0.0.1",
        kind: TransportKind = .webSocket
    ) {
        self.path = path
        self.storedQuery = .values(query)
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.kind = kind
    }

    /// A request with its query as it came, without the `?`.
    init(path: String, queryText: String, headers: HTTPHeaders, remoteAddress: String, kind: TransportKind) {
        self.path = path
        self.storedQuery = .text(queryText)
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.kind = kind
    }

    /// Takes the values of a name out of the query.
    mutating func removeQuery(_ name: String) -> [String]? {
        if case .text(let text) = self.storedQuery, !PercentCoding.mayContain(name, in: text) { return nil }
        return self.query.removeValue(forKey: name)
    }
}
