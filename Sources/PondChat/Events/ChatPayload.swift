public import PondKit

/// A payload that knows the event it travels under.
public protocol ChatPayload: Codable, Sendable, Hashable {
    /// The event's name on the wire.
    static var event: String { get }
}

extension ChatPayload {
    /// This value as the payload of a message.
    public func payload() throws(PondError) -> Payload { try Payload(encoding: self) }

    /// The value in a payload; throws 400 with the path of what is wrong.
    public init(_ payload: Payload) throws(PondError) { self = try payload.decode(Self.self) }
}
