public import PondCore

/// An event of a schema, about to be sent to one recipient.
public struct TypedOutgoingContext<Schema: ChannelSchema, Body: Codable & Sendable> {
    /// The context underneath.
    public let raw: OutgoingContext
    /// What will be sent, as it was when the handler began.
    public let payload: Body

    /// The recipient.
    public var userId: String { self.raw.user.id }

    /// What the server remembers about the recipient.
    public var assigns: Schema.Assigns {
        get throws(PondError) { try TypedValues.kept(self.raw.user.assigns, Schema.Assigns.self) }
    }

    /// Sends something else to this recipient.
    public func transform(_ payload: Body) throws(PondError) { self.raw.transform(try TypedValues.payload(payload)) }

    /// Sends nothing to this recipient.
    public func block() { self.raw.block() }
}
