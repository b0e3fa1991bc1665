public import PondCore

/// Sending a literal of variables.
extension ClientChannel {
    /// Sends an event with these members, now or as soon as the channel is joined. Returns the message's id in the outbox.
    @discardableResult
    @_disfavoredOverload
    public func sendMessage(_ event: String, _ members: JSONMembers) throws(PondError) -> String {
        try self.sendMessage(event, Payload(members))
    }

    /// Sends an event with these members and waits until the server has handled it, as `deliver(_:_:)` does.
    @_disfavoredOverload
    public func deliver(_ event: String, _ members: JSONMembers) async throws(PondError) {
        try await self.deliver(event, Payload(members))
    }

    /// Sends an event with a payload of your own type and waits until the server has handled it.
    public func deliver(_ event: String, encoding payload: some Encodable) async throws(PondError) {
        try await self.deliver(event, try Payload(encoding: payload))
    }

    /// Sends an event with these members and waits for the reply to it.
    @_disfavoredOverload
    public func sendForResponse(
        _ event: String,
        _ members: JSONMembers,
        timeout: Duration? = nil
    ) async throws(PondError) -> Payload {
        try await self.sendForResponse(event, Payload(members), timeout: timeout)
    }
}

extension PondClient {
    /// The channel of a name, with these members as its join parameters.
    @_disfavoredOverload
    public func createChannel(_ name: String, params: JSONMembers) -> ClientChannel {
        self.createChannel(name, params: Payload(params))
    }
}
