/// An event of a schema: its name, the type of what it carries, and the type of the answer to it.
///
/// Events of one schema cannot be used where another is expected, and neither can their payloads: that is a fault the
/// compiler finds.
public struct PondEvent<Schema: ChannelSchema, Payload: Codable & Sendable, Reply: Codable & Sendable>: Sendable {
    /// The event's name on the wire.
    public let name: String
    /// The name of the answer on the wire.
    public let replyName: String

    /// An event of this name; its answer has the same name where no other is given.
    public init(_ name: String, reply: String? = nil) {
        self.name = name
        self.replyName = reply ?? name
    }
}
