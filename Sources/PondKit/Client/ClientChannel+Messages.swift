extension ClientChannel {
    /// Sends an event, now or as soon as the channel is joined. Returns the message's id in the outbox.
    ///
    /// What waits is bounded: one message too many drops the oldest, which `onOutboxChange` tells as failed.
    @discardableResult
    public func sendMessage(_ event: String, _ payload: Payload = .empty) throws(PondError) -> String {
        try self.check(event)
        let id = PondID.uuid()
        self.perform { $0.send(id: id, event: event, payload: payload) }
        return id
    }

    /// Sends an event with a payload of your own type.
    @discardableResult
    public func sendMessage(_ event: String, encoding payload: some Encodable) throws(PondError) -> String {
        try self.sendMessage(event, try Payload(encoding: payload))
    }

    /// Sends an event and waits until the server has handled it, over lost connections too.
    ///
    /// Against a server that never confirms, waits until it is handed to the connection. Throws the server's error.
    /// A task that is cancelled stops waiting; the message goes its way all the same.
    public func deliver(_ event: String, _ payload: Payload = .empty) async throws(PondError) {
        try self.check(event)
        let error: PondError? = await self.waiting(
            failing: { $0 },
            for: { driver, id, end in driver.deliver(id: id, event: event, payload: payload, ended: end) },
            cancelled: { driver, id, end in
                driver.send(id: id, event: event, payload: payload)
                end(.over("Cancelled", channel: self.name))
            }
        )
        if let error { throw error }
    }

    /// Waits for the end of something that the driver begins under an id of its own, until the task is cancelled.
    private func waiting<Outcome: Sendable>(
        failing failure: (PondError) -> Outcome,
        for begin: @escaping @Sendable (ChannelDriver, String, @escaping @Sendable (Outcome) -> Void) -> Void,
        cancelled: @escaping @Sendable (ChannelDriver, String, @escaping @Sendable (Outcome) -> Void) -> Void
    ) async -> Outcome {
        let id = PondID.uuid()
        // A task may be cancelled before the driver has begun: what tells it to forget must not come too early.
        let isCancelled = Lock(false)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isBegun = self.perform { driver in
                    let act = isCancelled.withLock { $0 } ? cancelled : begin
                    act(driver, id) { continuation.resume(returning: $0) }
                }
                guard !isBegun else { return }
                continuation.resume(returning: failure(.over("The client's loop has stopped", channel: self.name)))
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
            self.perform { $0.forget(id: id) }
        }
    }

    /// Sends an event and waits for the reply to it.
    public func sendForResponse(
        _ event: String,
        _ payload: Payload = .empty,
        timeout: Duration? = nil
    ) async throws(PondError) -> Payload {
        try self.check(event)
        let timeout = timeout ?? self.options.responseTime
        let answer: Result<Payload, PondError> = await self.waiting(
            failing: { .failure($0) },
            for: { driver, id, end in
                driver.request(id: id, event: event, payload: payload, timeout: timeout, answer: end)
            },
            cancelled: { _, _, end in end(.failure(.over("Cancelled", channel: self.name))) }
        )
        return try answer.get()
    }

    /// Sends an event with a payload of your own type and waits for the reply, as another type of your own.
    public func sendForResponse<Reply: Decodable>(
        _ event: String,
        encoding payload: some Encodable,
        as reply: Reply.Type,
        timeout: Duration? = nil
    ) async throws(PondError) -> Reply {
        let answer = try await self.sendForResponse(event, try Payload(encoding: payload), timeout: timeout)
        return try answer.decode(reply)
    }

    /// Broadcasts and replies from now on, in order, for one consumer; ends with the channel.
    public var messages: ClientSequence<ServerMessage> {
        ClientSequence(self.shared.messages, capacity: self.options.sequenceCapacity)
    }

    /// Calls back for every broadcast and reply.
    @discardableResult
    public func onMessage(_ listener: @escaping @Sendable (ServerMessage) -> Void) -> ClientSubscription {
        self.shared.messages.add(listener)
    }

    /// Calls back for every broadcast and reply whose event is, or matches, `event`: `"message"`, `"game:move"`, `"*"`.
    @discardableResult
    public func onMessageEvent(
        _ event: String,
        _ listener: @escaping @Sendable (ServerMessage) -> Void
    ) throws(PondError) -> ClientSubscription {
        guard event.utf8.contains(where: { $0 == 0x3A || $0 == 0x2A }) else {
            return self.shared.messages.add { if $0.event == event { listener($0) } }
        }
        let pattern = try RoutePattern(event)
        return self.shared.messages.add { if pattern.match($0.event) != nil { listener($0) } }
    }

    private func check(_ event: String) throws(PondError) {
        guard !event.isEmpty, event.utf8.count <= self.options.limits.eventNameBytes else {
            throw .badRequest("The event's name is empty or too long")
        }
        guard !self.isOver else {
            if case .declined(let error) = self.status.reason { throw error }
            throw .over("The channel is closed", channel: self.name)
        }
    }
}
