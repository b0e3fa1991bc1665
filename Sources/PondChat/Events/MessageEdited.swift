/// A message has a new text.
public struct MessageEdited: ChatPayload {
    public static let event = "edit"

    public var id: MessageID
    public var text: String
    public var mentions: [UserName]?
    public var at: ChatTime

    public init(id: MessageID, text: String, mentions: [UserName]? = nil, at: ChatTime) {
        self.id = id
        self.text = text
        self.mentions = mentions
        self.at = at
    }
}
