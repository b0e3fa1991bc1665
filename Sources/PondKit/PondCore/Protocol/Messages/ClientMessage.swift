/// What a client sends: the five fields of the envelope and our additions.
public struct ClientMessage: Sendable, Hashable {
    public var action: ClientAction
    public var event: String
    public var channelName: String
    public var requestId: String
    /// An object; the join parameters on a join.
    public var payload: Payload
    /// The sender waits for `SYSTEM/DELIVERED`.
    public var wantsAcknowledgement: Bool
    /// Where a joiner's knowledge of the channel ends.
    public var recover: StreamPosition?
    /// The joiner wants presence as changes, not as full lists.
    public var wantsPresenceDeltas: Bool

    public init(
        action: ClientAction,
        event: String,
        channelName: String,
        requestId: String,
        payload: Payload = .empty,
        wantsAcknowledgement: Bool = false,
        recover: StreamPosition? = nil,
        wantsPresenceDeltas: Bool = false
    ) {
        self.action = action
        self.event = event
        self.channelName = channelName
        self.requestId = requestId
        self.payload = payload
        self.wantsAcknowledgement = wantsAcknowledgement
        self.recover = recover
        self.wantsPresenceDeltas = wantsPresenceDeltas
    }
}
