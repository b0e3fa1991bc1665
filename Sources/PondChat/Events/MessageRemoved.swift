/// A message is gone.
public struct MessageRemoved: ChatPayload {
    public static let event = "remove"

    public var id: MessageID
    /// Its author, or the moderator who removed it.
    public var by: UserName
    public var at: ChatTime
    public var reason: String?
    /// In a conversation: whose message it is.
    public var parties: MessageParties?

    public init(id: MessageID, by: UserName, at: ChatTime, reason: String? = nil, parties: MessageParties? = nil) {
        self.id = id
        self.by = by
        self.at = at
        self.reason = reason
        self.parties = parties
    }
}
