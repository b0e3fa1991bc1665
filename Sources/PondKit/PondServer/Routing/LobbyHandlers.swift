/// A lobby's handlers behind their middleware, as they were at one time: a message takes one reference and no copy.
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
