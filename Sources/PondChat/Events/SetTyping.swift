/// The sender begins or stops to write; send `true` again every few seconds while it goes on.
public struct SetTyping: ChatPayload {
    public static let event = "typing"

    public var active: Bool

    public init(active: Bool) { self.active = active }
}
