import PondCore
import PondRuntime
internal import Synchronization

/// What the channels of a lobby share: the pattern of their names and the handlers.
final class LobbyCore: Sendable {
    /// The pattern of the channels' names, as registered.
    let pattern: String
    let endpoint: EndpointCore
    let route: RoutePattern
    private let join: HandlerChain<JoinContext>
    private let state = Lock(State())
    private let changes = Atomic<Int>(0)

    private struct State {
        var registered = LobbyRegistrations()
        var handlers = LobbyHandlers(LobbyRegistrations())
    }

    init(_ pattern: String, endpoint: EndpointCore, join: HandlerChain<JoinContext>) throws(PondError) {
        self.pattern = pattern
        self.endpoint = endpoint
        self.route = try RoutePattern(pattern)
        self.join = join
    }

    /// Grows with every change of the handlers, so that a channel can tell that its copy is out of date.
    var version: Int { self.changes.load(ordering: .acquiring) }

    /// The current handlers.
    var handlers: LobbyHandlers { self.state.withLock { $0.handlers } }

    /// The join handler behind the middleware of the endpoint and the lobby.
    var joinChain: HandlerChain<JoinContext> {
        self.join.behind(self.endpoint.joinMiddleware + self.handlers.joinMiddleware)
    }

    /// Throws if a message of a channel of this lobby would be larger than clients accept.
    func checkSize(
        _ event: String,
        _ payload: Payload,
        in channel: String,
        requestIdBytes: Int = PondID.uuidBytes
    ) throws(PondError) {
        let limit = self.endpoint.server.options.limits.outgoingMessageBytes
        let size = ServerMessage.size(
            over: limit,
            event: event,
            channelName: channel,
            requestIdBytes: requestIdBytes,
            payload: payload
        )
        if let size { throw .tooLarge(event, in: channel, bytes: size, limit: limit) }
    }

    /// Changes what is registered; running handlers keep what they started with.
    func change<Failure: Error>(
        _ body: (inout LobbyRegistrations) throws(Failure) -> Void
    ) throws(Failure) {
        try self.state.withLock { state throws(Failure) in
            try body(&state.registered)
            state.handlers = LobbyHandlers(state.registered)
        }
        self.changes.wrappingAdd(1, ordering: .releasing)
    }
}

/// A lobby's handlers behind their middleware, at one version: a message takes one reference and no copy.
final class LobbyHandlers: Sendable {
    let events: EventRoutes<EventContext>
    let outgoing: EventRoutes<OutgoingContext>
    let leave: [HandlerChain<LeaveContext>]
    let joinMiddleware: [Middleware<JoinContext>]
    let history: (any HistoryStore)?

    init(_ registered: LobbyRegistrations) {
        self.events = EventRoutes(registered.events, behind: registered.eventMiddleware)
        self.outgoing = EventRoutes(registered.outgoing, behind: registered.outgoingMiddleware)
        self.leave = registered.leave.map { $0.behind(registered.leaveMiddleware) }
        self.joinMiddleware = registered.joinMiddleware
        self.history = registered.history
    }
}

/// What an application has registered on a lobby.
struct LobbyRegistrations {
    var events = EventRegistrations<EventContext>()
    var outgoing = EventRegistrations<OutgoingContext>()
    var leave: [HandlerChain<LeaveContext>] = []
    var joinMiddleware: [Middleware<JoinContext>] = []
    var eventMiddleware: [Middleware<EventContext>] = []
    var leaveMiddleware: [Middleware<LeaveContext>] = []
    var outgoingMiddleware: [Middleware<OutgoingContext>] = []
    var history: (any HistoryStore)?
}
