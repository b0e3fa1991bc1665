public import PondCore

/// A lobby whose channels speak a schema.
///
/// ```swift
/// let chat = try endpoint.createChannel("/chat/:room", of: Chat.self) { context in
///     context.accept()
///     try context.track(Chat.Presence(nickname: context.params.nickname))
/// }
/// try chat.onMessage(Chat.say) { context in
///     try context.broadcast(Chat.said, context.payload)
///     try context.reply(Chat.Receipt(number: 1))
/// }
/// ```
public struct TypedLobby<Schema: ChannelSchema>: Sendable {
    /// The lobby underneath, for what the schema does not say.
    public let lobby: Lobby

    /// Handles an event; a payload of another shape never reaches the handler.
    @discardableResult
    public func onMessage<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        _ middleware: Middleware<EventContext>...,
        handler: @escaping @Sendable (TypedEventContext<Schema, Body, Reply>) throws -> Void
    ) throws(PondError) -> Self {
        let chain = HandlerChain<EventContext>(
            middleware,
            .sync { raw in try handler(TypedEventContext(raw, event)) }
        )
        try self.lobby.add(event.name, chain)
        return self
    }

    /// Handles an event with a handler that may suspend; a payload of another shape never reaches it.
    @discardableResult
    public func onMessage<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        _ middleware: Middleware<EventContext>...,
        handler: @concurrent @escaping @Sendable (TypedEventContext<Schema, Body, Reply>) async throws -> Void
    ) throws(PondError) -> Self {
        let chain = HandlerChain<EventContext>(
            middleware,
            .async { raw in try await handler(TypedEventContext(raw, event)) }
        )
        try self.lobby.add(event.name, chain)
        return self
    }

    /// Handles every departure of a member.
    @discardableResult
    public func onLeave(
        _ middleware: Middleware<LeaveContext>...,
        handler: @escaping @Sendable (TypedLeaveContext<Schema>) throws -> Void
    ) -> Self {
        self.lobby.addLeave(HandlerChain(middleware, .sync { try handler(TypedLeaveContext(raw: $0)) }))
        return self
    }

    /// Handles every departure of a member with a handler that may suspend.
    @discardableResult
    public func onLeave(
        _ middleware: Middleware<LeaveContext>...,
        handler: @concurrent @escaping @Sendable (TypedLeaveContext<Schema>) async throws -> Void
    ) -> Self {
        self.lobby.addLeave(HandlerChain(middleware, .async { try await handler(TypedLeaveContext(raw: $0)) }))
        return self
    }

    /// Looks at an event once for each recipient, to change or block it.
    @discardableResult
    public func onOutgoing<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        handler: @escaping @Sendable (TypedOutgoingContext<Schema, Body>) throws -> Void
    ) throws(PondError) -> Self {
        try self.lobby.onOutgoing(event.name) { raw in
            try handler(
                TypedOutgoingContext(raw: raw, payload: TypedValues.kept(raw.payload.json.object ?? [:], Body.self))
            )
        }
        return self
    }

    /// Looks at an event once for each recipient with a handler that may suspend, as `Lobby.onOutgoing` does.
    @discardableResult
    public func onOutgoing<Body, Reply>(
        _ event: PondEvent<Schema, Body, Reply>,
        handler: @concurrent @escaping @Sendable (TypedOutgoingContext<Schema, Body>) async throws -> Void
    ) throws(PondError) -> Self {
        try self.lobby.onOutgoing(event.name) { raw async throws in
            try await handler(
                TypedOutgoingContext(raw: raw, payload: TypedValues.kept(raw.payload.json.object ?? [:], Body.self))
            )
        }
        return self
    }

    /// Adds a step before this lobby's join handler.
    public func use(_ step: Middleware<JoinContext>) { self.lobby.use(step) }

    /// Adds a step before every event handler of this lobby.
    public func use(_ step: Middleware<EventContext>) { self.lobby.use(step) }

    /// Adds a step before every leave handler of this lobby.
    public func use(_ step: Middleware<LeaveContext>) { self.lobby.use(step) }

    /// Adds a step before every outgoing handler of this lobby.
    public func use(_ step: Middleware<OutgoingContext>) { self.lobby.use(step) }

    /// Numbers the broadcasts of each channel and keeps the latest, as `Lobby.keepHistory` does.
    @discardableResult
    public func keepHistory(in store: (any HistoryStore)? = nil) -> Self {
        self.lobby.keepHistory(in: store)
        return self
    }

    /// A handle on a channel of this lobby, or `nil` when it does not take the name.
    public func channel(_ name: String) -> TypedChannelHandle<Schema>? {
        guard let raw = self.lobby.endpoint.channel(name), raw.lobby === self.lobby.core else { return nil }
        return TypedChannelHandle(raw: raw)
    }
}

extension Endpoint {
    /// Makes a lobby whose channels speak a schema; a join with parameters of another shape is declined.
    public func createChannel<Schema: ChannelSchema>(
        _ pattern: String,
        of schema: Schema.Type,
        _ middleware: Middleware<JoinContext>...,
        handler: @escaping @Sendable (TypedJoinContext<Schema>) throws -> Void
    ) throws(PondError) -> TypedLobby<Schema> {
        let chain = HandlerChain<JoinContext>(middleware, .sync { raw in try handler(TypedJoinContext(raw)) })
        return TypedLobby(lobby: try self.add(pattern, chain))
    }

    /// Makes a lobby whose channels speak a schema, with a join handler that may suspend.
    public func createChannel<Schema: ChannelSchema>(
        _ pattern: String,
        of schema: Schema.Type,
        _ middleware: Middleware<JoinContext>...,
        handler: @concurrent @escaping @Sendable (TypedJoinContext<Schema>) async throws -> Void
    ) throws(PondError) -> TypedLobby<Schema> {
        let chain = HandlerChain<JoinContext>(middleware, .async { raw in try await handler(TypedJoinContext(raw)) })
        return TypedLobby(lobby: try self.add(pattern, chain))
    }

    /// Makes a lobby whose channels speak a schema, as `createChannel(_:of:_:handler:)` does.
    public func lobby<Schema: ChannelSchema>(
        _ pattern: String,
        of schema: Schema.Type,
        _ middleware: Middleware<JoinContext>...,
        handler: @escaping @Sendable (TypedJoinContext<Schema>) throws -> Void
    ) throws(PondError) -> TypedLobby<Schema> {
        let chain = HandlerChain<JoinContext>(middleware, .sync { raw in try handler(TypedJoinContext(raw)) })
        return TypedLobby(lobby: try self.add(pattern, chain))
    }

    /// Makes a lobby whose channels speak a schema, with a join handler that may suspend.
    public func lobby<Schema: ChannelSchema>(
        _ pattern: String,
        of schema: Schema.Type,
        _ middleware: Middleware<JoinContext>...,
        handler: @concurrent @escaping @Sendable (TypedJoinContext<Schema>) async throws -> Void
    ) throws(PondError) -> TypedLobby<Schema> {
        let chain = HandlerChain<JoinContext>(middleware, .async { raw in try await handler(TypedJoinContext(raw)) })
        return TypedLobby(lobby: try self.add(pattern, chain))
    }
}
