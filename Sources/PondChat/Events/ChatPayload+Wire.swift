public import PondKit

extension ChatPayload {
    /// This value as the payload of a message.
    public func payload() throws(PondError) -> Payload { try Payload(encoding: self) }

    /// The value in a payload; throws 400 with the path of what is wrong.
    public init(_ payload: Payload) throws(PondError) { self = try payload.decode(Self.self) }
}
