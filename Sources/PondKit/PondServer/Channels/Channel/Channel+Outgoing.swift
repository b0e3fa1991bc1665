import PondCore
import PondRuntime

/// What outgoing handlers make of a message, for each recipient.
extension Channel {
    /// The lane, where what is sent now has to wait.
    var busyLane: DeliveryLane? {
        guard let lane = self.lane, lane.isBusy else { return nil }
        return lane
    }

    /// Does something after what was sent before.
    func inOrder(size: Int = 128, _ work: @escaping () -> Void) {
        if let lane = self.busyLane { lane.pass(size: size, work) } else { work() }
    }

    /// Sends a message to each of these members as the handlers want it.
    func send(
        _ message: ServerMessage,
        to members: [Member],
        through found: EventRoutes<OutgoingContext>.Found,
        at place: BroadcastPlace
    ) {
        guard found.chain.suspends else {
            for member in members {
                guard let changed = self.outgoing(message, to: member, found) else { continue }
                member.send(changed.frame(at: place))
            }
            return
        }
        let lane = self.lane ?? DeliveryLane(loopWork: self.home.work)
        self.lane = lane
        lane.hold(size: message.waitingSize) { done in
            self.send(message, to: members[...], found, at: place, done)
        }
    }

    /// Sends a message to one member after the other, each when its handlers are done with it or took too long.
    private func send(
        _ message: ServerMessage,
        to members: ArraySlice<Member>,
        _ found: EventRoutes<OutgoingContext>.Found,
        at place: BroadcastPlace,
        _ done: @escaping () -> Void
    ) {
        // Who left meanwhile hears nothing more.
        let members = members.drop { $0.channel !== self }
        guard let member = members.first else { return done() }
        let context = OutgoingContext(message: message, member: member, found: found)
        let patience = LoopConfined(HandlerPatience(), to: self.home.loop)
        let goOn: (PondError?) -> Void = { error in
            guard patience.value.end(on: self.home.loop) else { return }
            if let error { self.report(error, of: message) }
            if error == nil, let changed = self.result(of: context) { member.send(changed.frame(at: place)) }
            self.send(message, to: members.dropFirst(), found, at: place, done)
        }
        let end = LoopConfined(goOn, to: self.home.loop)
        patience.value.timer = self.home.loop.schedule(after: self.home.core.options.limits.closeTime) {
            end.value(PondError(code: 408, kind: .timeout, message: "it took too long"))
        }
        self.home.run(found.chain, context, .outgoing, at: self.lobby.endpoint.path) { error in
            goOn(error.map { $0 as? PondError ?? .internalError("\($0)") })
        }
    }

    /// What one recipient gets of a message: what handlers that do not suspend make of it, or nothing.
    func outgoing(
        _ message: ServerMessage,
        to member: Member,
        _ found: EventRoutes<OutgoingContext>.Found
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

    /// What handlers made of a message for one recipient, unless that is nothing, or is too large.
    private func result(of context: OutgoingContext) -> ServerMessage? {
        guard let message = context.result else { return nil }
        guard context.hasTransformed else { return message }
        do throws(PondError) {
            try self.measure(message.event, message.payload, requestIdBytes: 6 * message.requestId.utf8.count)
            return message
        } catch {
            self.report(error, of: message)
            return nil
        }
    }

    /// What a handler could not look at does not pass it.
    private func report(_ error: any Error, of message: ServerMessage) {
        let options = self.home.core.options
        options.log.log(.error, "outgoing handler of \(message.event) in \(self.lobby.pattern) failed: \(error)")
        if self.home.core.measures {
            options.metrics.error(endpoint: self.lobby.endpoint.path, handler: .outgoing, error: error)
        }
    }
}
