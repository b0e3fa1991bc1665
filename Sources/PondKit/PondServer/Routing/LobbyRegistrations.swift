/// What a lobby's users registered so far.
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
