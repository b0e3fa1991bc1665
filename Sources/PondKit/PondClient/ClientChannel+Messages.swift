public import PondCore
import PondRuntime

extension ClientChannel {
    /// Sends an event, now or as soon as the channel is joined. Returns the message's id in the outbox.
    ///
    /// Pending messages are bounded: one more fails the oldest, which `onOutboxChange` reports. Throws
    /// `.tooLarge` (413) when the encoded message is over the server's limit, or over `limits.messageBytes` of the
    /// options where the server does not tell its limit.
    @discardableResult
    public func sendMessage(_ event: String, _ payload: Payload = .empty) throws(PondError) -> String {
        let id = PondID.uuid()
        try self.check(event, payload, id: id)
        let message = OutgoingMessage(id: id, event: event, payload: payload, now: self.loop.now)
        let edit = self.shared.asked(.add(message))
        let isBegun = self.perform { driver in
            driver.carryOut(edit)
            driver.send(id: id, event: event, payload: payload)
        }
        guard isBegun else { throw .over("The client's loop has stopped", channel: self.name) }
        return id
    }

    /// Sends an event with a payload of your own type.
    @discardableResult
    public func sendMessage(_ event: String, encoding payload: some Encodable) throws(PondError) -> String {
        try self.sendMessage(event, try Payload(encoding: payload))
    }

    /// Sends an event and waits until the server has handled it, over lost connections too.
    ///
    /// Against a server that never confirms, waits until it is handed to the connection. Throws the server's error, and
    /// 409 before `join()`. A task that is cancelled stops waiting; the message is sent all the same.
    ///
    /// What failed is thrown and leaves the outbox; `keepsFailed` keeps the message there for `retryMessage`.
    public func deliver(
        _ event: String,
        _ payload: Payload = .empty,
        keepsFailed: Bool = false
    ) async throws(PondError) {
        try self.check(event, payload)
        let error: PondError? = await self.waiting(
            failing: { $0 },
            for: { driver, id, end in
                driver.deliver(id: id, event: event, payload: payload, keepsFailure: keepsFailed, ended: end)
            },
            cancelled: { driver, id, end in
                driver.send(id: id, event: event, payload: payload, keepsFailure: keepsFailed)
                end(.over("Cancelled", channel: self.name))
            }
        )
        if let error { throw error }
    }

    /// Waits for the outcome of work that the driver begins under a new id, until the task is cancelled.
    func waiting<Outcome: Sendable>(
        failing failure: (PondError) -> Outcome,
        for begin: @escaping @Sendable (ChannelDriver, String, @escaping @Sendable (Outcome) -> Void) -> Void,
        cancelled: @escaping @Sendable (ChannelDriver, String, @escaping @Sendable (Outcome) -> Void) -> Void
    ) async -> Outcome {
        await waitOnLoop(
            submit: { self.perform($0) },
            stopped: failure(.over("The client's loop has stopped", channel: self.name)),
            begin: begin,
            cancelled: cancelled,
            forget: { $0.forget(id: $1) }
        )
    }

    /// Sends an event and waits for the reply, which does not appear in `messages`.
    ///
    /// Throws the server's error, 504 after `timeout`, and 409 before `join()`. What failed is not sent later.
    public func sendForResponse(
        _ event: String,
        _ payload: Payload = .empty,
        timeout: Duration? = nil
    ) async throws(PondError) -> Payload {
        try self.check(event, payload)
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
    ///
    /// A reply that `sendForResponse` returns is not in it.
    ///
    /// Ask for it before you send or await: what came earlier is not in it.
    public var messages: ClientSequence<ServerMessage> {
        ClientSequence(self.shared.messages, capacity: self.options.sequenceCapacity, keeping: self.kept)
    }

    /// Calls back for every broadcast and reply, except a reply that `sendForResponse` returns.
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

    private func check(_ event: String, _ payload: Payload, id: String = PondID.uuid()) throws(PondError) {
        guard !event.isEmpty, event.utf8.count <= self.options.limits.eventNameBytes else {
            throw .badRequest("The event's name is empty or too long")
        }
        guard !self.isOver else {
            if case .declined(let error) = self.status.reason { throw error }
            throw .over("The channel is over: \(self.status.reason)", channel: self.name)
        }
        let limit = self.clientShared.serverLimit ?? self.options.limits.messageBytes
        // An escaped byte takes up to six; most messages are far below the limit and need no exact count.
        let atMost = payload.bytes.count + 6 * (event.utf8.count + self.name.utf8.count) + 256
        guard atMost > limit else { return }
        let message = ClientMessage(
            action: .broadcast,
            event: event,
            channelName: self.name,
            requestId: id,
            payload: payload,
            wantsAcknowledgement: self.options.confirmsSends
        )
        if let error = PondError.tooLarge(message.encoded().count, limit: limit, message) { throw error }
    }
}
