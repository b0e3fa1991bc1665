/// What a server sends: the five fields of the envelope and our additions.
public struct ServerMessage: Sendable, Hashable {
    public var action: ServerAction
    public var event: String
    public var channelName: String
    public var requestId: String
    /// The number of this broadcast in its channel's history.
    public var offset: UInt64?
    public var payload: Payload

    public init(
        action: ServerAction,
        event: String,
        channelName: String,
        requestId: String,
        offset: UInt64? = nil,
        payload: Payload = .empty
    ) {
        self.action = action
        self.event = event
        self.channelName = channelName
        self.requestId = requestId
        self.offset = offset
        self.payload = payload
    }
}
