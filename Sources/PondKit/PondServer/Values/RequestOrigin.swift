/// The request that a broadcast came of: who made it, and under which id.
///
/// A history keeps it, so that the request is known again when whoever handled it is gone.
public struct RequestOrigin: Sendable, Hashable {
    /// Who made the request.
    public var client: ClientID
    /// The id that the client gave it.
    public var requestId: String

    /// A request of a client.
    public init(client: ClientID, requestId: String) {
        self.client = client
        self.requestId = requestId
    }
}
