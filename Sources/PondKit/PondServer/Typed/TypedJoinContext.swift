public import PondCore

/// A request to join a channel with a schema.
public struct TypedJoinContext<Schema: ChannelSchema>: TypedChannelContext {
    public let raw: JoinContext
    /// What the client sent along.
    public let params: Schema.JoinParams

    init(_ raw: JoinContext) throws(PondError) {
        self.raw = raw
        self.params = try TypedValues.received(raw.payload, Schema.JoinParams.self)
    }

    /// Makes the user a member, with what the connection handler remembered.
    public func accept() { self.raw.accept() }

    /// Makes the user a member; `assigns` is merged into what the connection handler assigned.
    public func accept(assigns: Schema.Assigns) throws(PondError) {
        self.raw.accept(assigns: try TypedValues.object(assigns))
    }

    /// Refuses the user.
    public func decline(_ code: Int = 403, _ message: String = "Forbidden", retryAfter seconds: Double? = nil) {
        self.raw.decline(code, message, retryAfter: seconds)
    }

    /// Sends the user an event with the join's request id.
    public func reply<Body, Reply>(_ event: PondEvent<Schema, Body, Reply>, _ payload: Body) throws(PondError) {
        try self.raw.answer(event.name, try TypedValues.payload(payload))
    }
}
