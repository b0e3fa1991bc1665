public import PondCore
import PondRuntime

/// One path of a server: who may connect there, and which channels exist behind it.
///
/// ```swift
/// let endpoint = try pond.createEndpoint("/socket") { context in
///     guard let name = context.query["username"]?.first else { return context.decline(401, "Who are you?") }
///     context.accept(assigns: ["username": .string(name)])
/// }
/// ```
public final class Endpoint: Sendable {
    /// The path pattern, as it was registered.
    public var path: String { self.core.path }
    let core: EndpointCore
    let route: RoutePattern
    private let handler: HandlerChain<ConnectionContext>
    private let state = Lock(State())

    private struct State {
        var lobbies: [Lobby] = []
        var middleware: [Middleware<ConnectionContext>] = []
    }

    init(_ path: String, index: Int, server: ServerCore, handler: HandlerChain<ConnectionContext>) throws(PondError) {
        self.core = EndpointCore(path: path, index: index, server: server)
        self.route = try RoutePattern(path)
        self.handler = handler
    }

    /// Breaks the reference cycle between the endpoint and its lobbies, when the server has ended.
    func removeLobbies() { self.state.withLock { $0.lobbies = [] } }

    /// Adds a step before the connection handler; steps run in the order they were added, the server's first.
    public func use(_ step: Middleware<ConnectionContext>) {
        self.state.withLock { $0.middleware.append(step) }
    }

    /// Adds a step before every join handler of this endpoint.
    public func use(_ step: Middleware<JoinContext>) { self.core.use(step) }

    /// Makes a lobby for the channels whose names have this shape; `handler` decides over each join.
    public func createChannel(
        _ pattern: String,
        _ middleware: Middleware<JoinContext>...,
        handler: @escaping @Sendable (JoinContext) throws -> Void
    ) throws(PondError) -> Lobby {
        try self.add(pattern, HandlerChain(middleware, .sync(handler)))
    }

    /// Makes a lobby for the channels whose names have this shape; `handler` decides over each join and may suspend.
    public func createChannel(
        _ pattern: String,
        _ middleware: Middleware<JoinContext>...,
        handler: @concurrent @escaping @Sendable (JoinContext) async throws -> Void
    ) throws(PondError) -> Lobby {
        try self.add(pattern, HandlerChain(middleware, .async(handler)))
    }

    /// Makes a lobby for the channels whose names have this shape, as `createChannel` does.
    public func lobby(
        _ pattern: String,
        _ middleware: Middleware<JoinContext>...,
        handler: @escaping @Sendable (JoinContext) throws -> Void
    ) throws(PondError) -> Lobby {
        try self.add(pattern, HandlerChain(middleware, .sync(handler)))
    }

    /// Makes a lobby for the channels whose names have this shape, with a join handler that may suspend.
    public func lobby(
        _ pattern: String,
        _ middleware: Middleware<JoinContext>...,
        handler: @concurrent @escaping @Sendable (JoinContext) async throws -> Void
    ) throws(PondError) -> Lobby {
        try self.add(pattern, HandlerChain(middleware, .async(handler)))
    }

    func add(_ pattern: String, _ chain: HandlerChain<JoinContext>) throws(PondError) -> Lobby {
        let lobby = try Lobby(pattern, endpoint: self, join: chain)
        return try self.state.withLock { state throws(PondError) in
            if let earlier = state.lobbies.first(where: { $0.route.hasShape(of: lobby.route) }) {
                throw PondError.conflict(
                    "endpoint \(self.path): the lobby \(earlier.pattern) takes every channel that \(pattern) would take;"
                        + " register one of them"
                )
            }
            state.lobbies.append(lobby)
            return lobby
        }
    }

    /// The lobbies in the order they were registered.
    public var lobbies: [Lobby] { self.state.withLock { $0.lobbies } }

    /// The lobby that a channel of this name belongs to.
    public func lobby(for channel: String) -> Lobby? { self.find(channel)?.0 }

    /// The names of the channels that have members now.
    public var channelNames: [String] { self.core.server.directory.names(of: self.core.index) }

    /// A handle on a channel of this endpoint, or `nil` when no lobby takes the name.
    public func channel(_ name: String) -> ChannelHandle? {
        guard let (lobby, match) = self.find(name) else { return nil }
        return ChannelHandle(lobby: lobby.core, match: match, name: name)
    }

    func find(_ channel: String) -> (Lobby, RouteMatch)? {
        for lobby in self.lobbies {
            if let match = lobby.route.match(channel) { return (lobby, match) }
        }
        return nil
    }

    var connectionChain: HandlerChain<ConnectionContext> {
        self.handler.behind(self.core.server.connectionMiddleware + self.state.withLock { $0.middleware })
    }
}
