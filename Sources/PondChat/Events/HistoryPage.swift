/// The answer to a history request: messages from old to new.
public struct HistoryPage: ChatPayload {
    public static let event = "history"

    public var messages: [ChatMessage]
    /// Whether there are messages before the first one.
    public var hasOlder: Bool
    /// Whether there are messages after the last one.
    public var hasNewer: Bool

    public init(messages: [ChatMessage], hasOlder: Bool, hasNewer: Bool) {
        self.messages = messages
        self.hasOlder = hasOlder
        self.hasNewer = hasNewer
    }
}
