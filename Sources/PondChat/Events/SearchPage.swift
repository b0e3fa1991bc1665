/// The answer to a search: messages from new to old.
public struct SearchPage: ChatPayload {
    public static let event = "search"

    public var messages: [ChatMessage]
    /// Whether older ones match too.
    public var hasMore: Bool
    /// Where a search goes on whose time was over: the `before` of the next request; there where nothing was found yet,
    /// too.
    public var next: MessageID?

    public init(messages: [ChatMessage], hasMore: Bool, next: MessageID? = nil) {
        self.messages = messages
        self.hasMore = hasMore
        self.next = next
    }
}
