import PondCore

/// What a client says about its session when it connects: the header `Pond-Session`, or the query `pond_session`.
enum SessionRequest: Equatable {
    /// Nothing, as v1 clients do: the connection has no session and ends with its socket.
    case none
    /// The client can resume sessions and has none yet, or one whose token this server cannot read.
    case new
    /// The client presents the token of a session.
    case resume(SessionToken)

    private static let header = "Pond-Session"
    private static let parameter = "pond_session"

    /// Removes the session from a request, so that neither a handler nor its log sees a token.
    init(removedFrom request: inout ConnectionRequest) {
        let header = request.headers[Self.header]
        if header != nil { request.headers.remove(Self.header) }
        let parameter = request.removeQuery(Self.parameter)?.first
        guard let text = header ?? parameter else {
            self = .none
            return
        }
        self = SessionToken(text).map { .resume($0) } ?? .new
    }

    /// Whether the client keeps a session, so that the server makes one.
    var isAnnounced: Bool { self != .none }

    /// The client that the presented token names.
    var client: ClientID? { if case .resume(let token) = self { token.client } else { nil } }
}
