/// A user's message on its way to the server.
public struct SendMessage: ChatPayload {
    public static let event = "message"

    public var id: MessageID
    public var text: String
    /// `text` when absent; users may not send notices.
    public var kind: MessageKind?
    /// The message this one answers.
    public var replyTo: MessageID?

    public init(id: MessageID = .random(), text: String, kind: MessageKind? = nil, replyTo: MessageID? = nil) {
        self.id = id
        self.text = text
        self.kind = kind
        self.replyTo = replyTo
    }
}
