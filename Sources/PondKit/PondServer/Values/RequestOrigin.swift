/// The request that caused a broadcast: its client, and its id.
///
/// A history stores it, so that a repeated request is recognized after the node that handled it has ended.
public struct RequestOrigin: Sendable, Hashable {
    /// The client that made the request.
    public var client: ClientID
    /// The id that the client gave it.
    public var requestId: String

    /// A request of a client.
    public init(client: ClientID, requestId: String) {
        self.client = client
        self.requestId = requestId
    }
}
