/// The answer to a search: messages from new to old.
public struct SearchPage: ChatPayload {
    public static let event = "search"

    public var messages: [ChatMessage]
    /// Whether older ones match too.
    public var hasMore: Bool

    public init(messages: [ChatMessage], hasMore: Bool) {
        self.messages = messages
        self.hasMore = hasMore
    }
}
