/// A message has a new text.
public struct MessageEdited: ChatPayload {
    public static let event = "edit"

    public var id: MessageID
    public var text: String
    public var mentions: [UserName]?
    public var at: ChatTime
    /// In a conversation: whose message it is.
    public var parties: MessageParties?

    public init(id: MessageID, text: String, mentions: [UserName]? = nil, at: ChatTime, parties: MessageParties? = nil)
    {
        self.id = id
        self.text = text
        self.mentions = mentions
        self.at = at
        self.parties = parties
    }
}
