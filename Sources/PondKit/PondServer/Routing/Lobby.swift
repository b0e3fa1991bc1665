public import PondCore

/// One shape of channel names and what happens in the channels that have it.
///
/// ```swift
/// let lobby = try endpoint.createChannel("/chat/:room") { context in
///     context.accept()
///     try context.track(["status": "online"])
/// }
/// try lobby.onMessage("message") { context in context.broadcast(context.eventName, context.payload) }
/// ```
public final class Lobby: Sendable {
    /// The pattern of the channels' names, as it was registered.
    public var pattern: String { self.core.pattern }
    /// The endpoint that the lobby belongs to.
    public let endpoint: Endpoint
    let core: LobbyCore

    init(_ pattern: String, endpoint: Endpoint, join: HandlerChain<JoinContext>) throws(PondError) {
        self.endpoint = endpoint
        self.core = try LobbyCore(pattern, endpoint: endpoint.core, join: join)
    }

    var route: RoutePattern { self.core.route }

    /// Handles the events of a name or pattern: `message`, `room:id`, `*`.
    @discardableResult
    public func onMessage(
        _ event: String,
        _ middleware: Middleware<EventContext>...,
        handler: @escaping @Sendable (EventContext) throws -> Void
    ) throws(PondError) -> Lobby {
        try self.add(event, HandlerChain(middleware, .sync(handler)))
    }

    /// Handles the events of a name or pattern with a handler that may suspend; until it ends, only what the same
    /// member sends after it waits.
    ///
    /// The handler runs on the event loop: work that takes longer than `Limits.handlerBlockTime` between two
    /// suspensions delays every connection of that loop. A function marked `@concurrent` stays on the loop, too,
    /// because the handler's task prefers it. Move long work to the global pool:
    ///
    /// ```swift
    /// let hash = await withTaskExecutorPreference(globalConcurrentExecutor) { await slowHash(password) }
    /// ```
    @discardableResult
    public func onMessage(
        _ event: String,
        _ middleware: Middleware<EventContext>...,
        handler: @concurrent @escaping @Sendable (EventContext) async throws -> Void
    ) throws(PondError) -> Lobby {
        try self.add(event, HandlerChain(middleware, .async(handler)))
    }

    /// Handles every departure of a member; each leave handler runs, after the member was removed.
    @discardableResult
    public func onLeave(
        _ middleware: Middleware<LeaveContext>...,
        handler: @escaping @Sendable (LeaveContext) throws -> Void
    ) -> Lobby {
        self.addLeave(HandlerChain(middleware, .sync(handler)))
    }

    /// Handles every departure of a member with a handler that may suspend.
    @discardableResult
    public func onLeave(
        _ middleware: Middleware<LeaveContext>...,
        handler: @concurrent @escaping @Sendable (LeaveContext) async throws -> Void
    ) -> Lobby {
        self.addLeave(HandlerChain(middleware, .async(handler)))
    }

    /// Looks at broadcasts and replies of a name or pattern once for each recipient, to change or block them.
    @discardableResult
    public func onOutgoing(
        _ event: String,
        _ middleware: Middleware<OutgoingContext>...,
        handler: @escaping @Sendable (OutgoingContext) throws -> Void
    ) throws(PondError) -> Lobby {
        try self.change { state throws(PondError) in
            try state.outgoing.add(event, HandlerChain(middleware, .sync(handler)))
        }
    }

    /// Looks at broadcasts and replies once for each recipient with a handler that may suspend.
    ///
    /// One recipient comes after the other, and everything that the channel sends later waits, so that all keep their
    /// order. A handler that takes longer than `Limits.closeTime` blocks the message for its recipient. What such a
    /// handler handles cannot be recovered after a lost connection: the client is told to resync.
    @discardableResult
    public func onOutgoing(
        _ event: String,
        _ middleware: Middleware<OutgoingContext>...,
        handler: @concurrent @escaping @Sendable (OutgoingContext) async throws -> Void
    ) throws(PondError) -> Lobby {
        try self.change { state throws(PondError) in
            try state.outgoing.add(event, HandlerChain(middleware, .async(handler)))
        }
    }

    /// Adds a step before this lobby's join handler.
    public func use(_ step: Middleware<JoinContext>) { self.change { $0.joinMiddleware.append(step) } }

    /// Adds a step before every event handler of this lobby.
    public func use(_ step: Middleware<EventContext>) { self.change { $0.eventMiddleware.append(step) } }

    /// Adds a step before every leave handler of this lobby.
    public func use(_ step: Middleware<LeaveContext>) { self.change { $0.leaveMiddleware.append(step) } }

    /// Adds a step before every outgoing handler of this lobby.
    public func use(_ step: Middleware<OutgoingContext>) { self.change { $0.outgoingMiddleware.append(step) } }

    /// A handle on a channel of this lobby; `nil` when the name has another shape or an earlier lobby takes it.
    public func channel(_ name: String) -> ChannelHandle? {
        guard let handle = self.endpoint.channel(name), handle.lobby === self.core else { return nil }
        return handle
    }

    /// The names of this lobby's channels that have members now.
    public var channelNames: [String] { self.endpoint.channelNames.filter { self.channel($0) != nil } }

    /// Numbers the broadcasts of each channel and keeps the latest, so that a client that was disconnected recovers
    /// exactly what it missed.
    ///
    /// Without a store they are kept in memory, as long as the server runs and as the limits say. Call it before the
    /// first join: a channel that lives keeps what it began with.
    @discardableResult
    public func keepHistory(in store: (any HistoryStore)? = nil) -> Lobby {
        let store = store ?? self.endpoint.core.server.history
        return self.change { $0.history = store }
    }

    @discardableResult
    func add(_ event: String, _ chain: HandlerChain<EventContext>) throws(PondError) -> Lobby {
        try self.change { state throws(PondError) in try state.events.add(event, chain) }
    }

    @discardableResult
    func addLeave(_ chain: HandlerChain<LeaveContext>) -> Lobby { self.change { $0.leave.append(chain) } }

    @discardableResult
    private func change<Failure: Error>(
        _ body: (inout LobbyRegistrations) throws(Failure) -> Void
    ) throws(Failure) -> Lobby {
        try self.core.change(body)
        return self
    }
}
