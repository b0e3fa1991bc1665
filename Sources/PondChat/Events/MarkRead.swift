/// The sender has read the channel up to this message.
public struct MarkRead: ChatPayload {
    public static let event = "read"

    public var upTo: MessageID

    public init(upTo: MessageID) { self.upTo = upTo }
}
