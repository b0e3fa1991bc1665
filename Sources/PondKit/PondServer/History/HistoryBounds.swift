public import PondCore

/// How much of a channel's past is kept.
public struct HistoryBounds: Sendable, Hashable {
    /// The number of broadcasts.
    public var messages: Int
    /// The bytes of all of them together.
    public var bytes: Int
    /// The age of the oldest.
    public var age: Duration

    /// Bounds of one channel.
    public init(messages: Int, bytes: Int, age: Duration) {
        self.messages = messages
        self.bytes = bytes
        self.age = age
    }

    /// The bounds that a server's limits set.
    public init(_ limits: Limits) {
        self.init(messages: limits.historyMessages, bytes: limits.historyBytes, age: limits.historyAge)
    }
}
