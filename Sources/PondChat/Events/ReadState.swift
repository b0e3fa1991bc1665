/// How far a user has read a channel; sent to that user's own devices only.
public struct ReadState: ChatPayload {
    public static let event = "read"

    /// The last message read, `nil` before the first.
    public var upTo: MessageID?
    /// Messages of others after it.
    public var unread: Int
    /// Those of them that mention the user.
    public var mentions: Int
    /// The person whose mark it is, as the author of a message.
    public var owner: String?

    public init(upTo: MessageID?, unread: Int, mentions: Int, owner: String? = nil) {
        self.upTo = upTo
        self.unread = unread
        self.mentions = mentions
        self.owner = owner
    }
}
