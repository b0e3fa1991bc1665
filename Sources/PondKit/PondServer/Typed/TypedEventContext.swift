public import PondCore

/// An event that a member of a channel with a schema sent.
public struct TypedEventContext<
    Schema: ChannelSchema,
    Body: Codable & Sendable,
    Reply: Codable & Sendable
>: TypedChannelContext {
    public let raw: EventContext
    /// What was sent.
    public let payload: Body
    private let event: PondEvent<Schema, Body, Reply>

    init(_ raw: EventContext, _ event: PondEvent<Schema, Body, Reply>) throws(PondError) {
        self.raw = raw
        self.event = event
        self.payload = try TypedValues.received(raw.payload, Body.self)
    }

    /// Answers the sender alone; only the first answer counts.
    public func reply(_ answer: Reply) throws(PondError) {
        try self.raw.answer(self.event.replyName, try TypedValues.payload(answer))
    }
}
