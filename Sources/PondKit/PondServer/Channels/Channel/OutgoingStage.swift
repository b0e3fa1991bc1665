import PondCore
import PondRuntime

/// Runs a channel's outgoing handlers, which may change or block a message for each recipient.
struct OutgoingStage {
    private let scope: ChannelScope

    init(_ scope: ChannelScope) { self.scope = scope }

    /// What one recipient gets of a message from handlers that do not suspend; `nil` if they block it.
    func apply(
        _ found: EventRoutes<OutgoingContext>.Found,
        to message: ServerMessage,
        for member: Member
    ) -> ServerMessage? {
        let context = OutgoingContext(message: message, member: member, found: found)
        do {
            try found.chain.run(context)
        } catch {
            self.report(error, of: message)
            return nil
        }
        return self.result(of: context)
    }

    /// Sends a message to one member after the other, each when its handlers have finished or timed out.
    func send(
        _ message: ServerMessage,
        to members: ArraySlice<Member>,
        through found: EventRoutes<OutgoingContext>.Found,
        at place: BroadcastPlace,
        _ done: @escaping () -> Void
    ) {
        let members = members.drop { !$0.isMember(of: self.scope) }
        guard let member = members.first else { return done() }
        let loop = self.scope.home.loop
        let context = OutgoingContext(message: message, member: member, found: found)
        let patience = LoopConfined(HandlerPatience(), to: loop)
        let next: (PondError?) -> Void = { error in
            guard patience.value.end(on: loop) else { return }
            if let error { self.report(error, of: message) }
            if error == nil, let changed = self.result(of: context) { member.send(changed.frame(at: place)) }
            self.send(message, to: members.dropFirst(), through: found, at: place, done)
        }
        let end = LoopConfined(next, to: loop)
        patience.value.timer = loop.schedule(after: self.scope.limits.closeTime) {
            end.value(PondError(code: 408, kind: .timeout, message: "it took too long"))
        }
        let lobby = self.scope.lobby
        self.scope.home.run(found.chain, context, .outgoing, at: lobby.endpoint.path, in: lobby.pattern) { error in
            next(error.map { $0 as? PondError ?? .internalError("\($0)") })
        }
    }

    /// What the handlers made of a message; `nil` if they blocked it or it has become too large.
    private func result(of context: OutgoingContext) -> ServerMessage? {
        guard let message = context.result else { return nil }
        guard context.hasTransformed else { return message }
        do throws(PondError) {
            try self.scope.checkSize(message.event, message.payload, requestIdBytes: 6 * message.requestId.utf8.count)
            return message
        } catch {
            self.report(error, of: message)
            return nil
        }
    }

    /// Reports a failed handler. Its recipient does not get the message.
    private func report(_ error: any Error, of message: ServerMessage) {
        let pattern = self.scope.lobby.pattern
        self.scope.log(.error, "outgoing handler of \(message.event) in \(pattern) failed: \(error)")
        if self.scope.core.measures {
            let path = self.scope.lobby.endpoint.path
            self.scope.core.options.metrics.error(endpoint: path, handler: .outgoing, error: error)
        }
    }
}
