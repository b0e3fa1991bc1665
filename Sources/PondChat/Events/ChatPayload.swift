/// A payload that knows the event it travels under.
public protocol ChatPayload: Codable, Sendable, Hashable {
    /// The event's name on the wire.
    static var event: String { get }
}
