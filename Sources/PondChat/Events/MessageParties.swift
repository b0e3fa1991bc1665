/// The two persons that a message of a conversation is between, and when it was said: a change of the message is shown
/// to them alone.
public struct MessageParties: Codable, Sendable, Hashable {
    public var sender: UserName
    /// As in the message.
    public var author: String?
    public var reader: String?
    public var at: ChatTime

    public init(sender: UserName, author: String? = nil, reader: String? = nil, at: ChatTime) {
        self.sender = sender
        self.author = author
        self.reader = reader
        self.at = at
    }

    public init(of message: ChatMessage) {
        self.sender = message.sender
        self.author = message.author
        self.reader = message.reader
        self.at = message.at
    }
}
