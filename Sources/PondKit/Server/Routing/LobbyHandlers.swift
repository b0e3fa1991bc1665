/// What a lobby's users registered; a change replaces it as a whole, so that a message takes one reference and no copy.
///
/// `@unchecked Sendable`: written only by the lobby, under its lock, before anyone else can see it.
final class LobbyHandlers: @unchecked Sendable {
    var events = EventRoutes<EventContext>()
    var outgoing = EventRoutes<OutgoingContext>()
    var leave: [HandlerChain<LeaveContext>] = []
    var joinMiddleware: [Middleware<JoinContext>] = []
    var eventMiddleware: [Middleware<EventContext>] = []
    var leaveMiddleware: [Middleware<LeaveContext>] = []
    var outgoingMiddleware: [Middleware<OutgoingContext>] = []
    var history: (any HistoryStore)?

    init() {}

    init(copying other: LobbyHandlers) {
        self.events = other.events
        self.outgoing = other.outgoing
        self.leave = other.leave
        self.joinMiddleware = other.joinMiddleware
        self.eventMiddleware = other.eventMiddleware
        self.leaveMiddleware = other.leaveMiddleware
        self.outgoingMiddleware = other.outgoingMiddleware
        self.history = other.history
    }
}
