/// An author's wish to change a message.
public struct EditMessage: ChatPayload {
    public static let event = "edit"

    public var id: MessageID
    public var text: String

    public init(id: MessageID, text: String) {
        self.id = id
        self.text = text
    }
}
