/// How far a user has read a channel; sent to that user's own devices only.
public struct ReadState: ChatPayload {
    public static let event = "read"

    /// The last message read, `nil` before the first.
    public var upTo: MessageID?
    /// Messages of others after it.
    public var unread: Int
    /// Those of them that mention the user.
    public var mentions: Int

    public init(upTo: MessageID?, unread: Int, mentions: Int) {
        self.upTo = upTo
        self.unread = unread
        self.mentions = mentions
    }
}
