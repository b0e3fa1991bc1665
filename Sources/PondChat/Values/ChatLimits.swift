/// The bounds of the chat's own texts, names and pages.
public struct ChatLimits: Sendable, Hashable {
    /// The characters of one message.
    public var messageCharacters = 2_000
    /// The bytes of one message; a character may be made of many.
    public var messageBytes = 16 * 1024
    /// The lines of one message.
    public var messageLines = 100
    /// The characters of a user's name.
    public var nameCharacters = 32
    /// The characters of a room's name.
    public var roomCharacters = 32
    /// The characters of a room's topic.
    public var topicCharacters = 250
    /// The characters of the text beside a status.
    public var statusCharacters = 80
    /// The characters of the reason of a kick, ban, mute or removal.
    public var reasonCharacters = 200
    /// The characters of a search.
    public var searchCharacters = 100
    /// The bytes of a password.
    public var passwordBytes = 8...256
    /// The messages of one page of history.
    public var pageMessages = 200
    /// The users that one message mentions.
    public var mentions = 32

    public init() {}

    /// The bounds that hold unless a server says otherwise.
    public static let `default` = ChatLimits()
}
