/// The bounds of the chat's own texts.
public struct ChatLimits: Sendable, Hashable {
    /// The characters of one message.
    public var messageCharacters = 2_000
    /// The characters of a user's name.
    public var nameCharacters = 32
    /// The characters of a room's topic.
    public var topicCharacters = 250

    public init() {}
}
