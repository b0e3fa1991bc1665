/// What a lobby's users registered.
struct LobbyHandlers: Sendable {
    var events = EventRoutes<EventContext>()
    var outgoing = EventRoutes<OutgoingContext>()
    var leave: [HandlerChain<LeaveContext>] = []
    var joinMiddleware: [Middleware<JoinContext>] = []
    var eventMiddleware: [Middleware<EventContext>] = []
    var leaveMiddleware: [Middleware<LeaveContext>] = []
    var outgoingMiddleware: [Middleware<OutgoingContext>] = []
    var history: (any HistoryStore)?
}
