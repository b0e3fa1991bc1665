/// A message as everyone in its channel sees it, live and in history.
public struct ChatMessage: ChatPayload {
    public static let event = "message"

    public var id: MessageID
    public var sender: UserName
    /// When the server took it.
    public var at: ChatTime
    public var kind: MessageKind
    /// Empty once removed.
    public var text: String
    public var replyTo: MessageID?
    /// The users it speaks to, by `@name`.
    public var mentions: [UserName]?
    /// When its author changed it last.
    public var editedAt: ChatTime?
    /// When it was removed; the entry stays so that replies and markers still find it.
    public var removedAt: ChatTime?
    /// The person who had the sender's name then, as an opaque id: another one has the name under another id.
    public var author: String?
    /// In a conversation, the person whom it is for in the same way; empty when nobody had the name.
    public var reader: String?

    public init(
        id: MessageID,
        sender: UserName,
        at: ChatTime,
        kind: MessageKind = .text,
        text: String,
        replyTo: MessageID? = nil,
        mentions: [UserName]? = nil,
        editedAt: ChatTime? = nil,
        removedAt: ChatTime? = nil,
        author: String? = nil,
        reader: String? = nil
    ) {
        self.id = id
        self.sender = sender
        self.at = at
        self.kind = kind
        self.text = text
        self.replyTo = replyTo
        self.mentions = mentions
        self.editedAt = editedAt
        self.removedAt = removedAt
        self.author = author
        self.reader = reader
    }
}
