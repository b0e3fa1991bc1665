public import PondCore

/// The facts about a connection that do not change while it lasts.
public struct ConnectionInfo: Sendable {
    /// The public user id.
    public let userId: String
    /// The connection's own id; for SSE it is the capability to post, so treat it as a secret.
    public var connectionId: String { PondID.hexadecimal(self.connectionKey) }
    /// The endpoint's path pattern.
    public let endpoint: String
    /// The peer's address, as proxies that are trusted report it.
    public let remoteAddress: String
    /// What carries the messages.
    public let transport: TransportKind
    /// What the connection handler remembered.
    public let assigns: JSONObject

    /// The connection's own id as the 128 bits that it is: a text of its own for each connection would be much.
    let connectionKey = PondID.bits()
}
