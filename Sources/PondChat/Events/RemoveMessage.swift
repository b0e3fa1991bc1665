/// The wish of an author or a moderator to take a message away.
public struct RemoveMessage: ChatPayload {
    public static let event = "remove"

    public var id: MessageID
    public var reason: String?

    public init(id: MessageID, reason: String? = nil) {
        self.id = id
        self.reason = reason
    }
}
