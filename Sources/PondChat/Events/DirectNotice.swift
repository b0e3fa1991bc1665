/// Somebody wrote to a user who may not be in that conversation yet; sent on the directory, to that user alone.
public struct DirectNotice: ChatPayload {
    public static let event = "direct"

    /// The other one of the conversation.
    public var with: UserName
    /// Messages not read yet.
    public var unread: Int
    /// The latest message.
    public var last: ChatMessage?

    public init(with: UserName, unread: Int, last: ChatMessage? = nil) {
        self.with = with
        self.unread = unread
        self.last = last
    }
}
