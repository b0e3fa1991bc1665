import PondCore

/// Sending to members.
extension Channel {
    /// Sends an event to members. The one place that every broadcast passes, in the order all members see.
    ///
    /// Where there is a history it goes out when the history has it; then its number is returned.
    /// Throws, and neither stores nor sends it, where it is larger than clients accept or too much waits to be sent.
    /// `part` counts what came of one request. Where nodes share the history, it goes the same way on all of them.
    @discardableResult
    func broadcast(
        _ event: String,
        _ payload: Payload,
        to recipients: Recipients,
        origin: RequestOrigin? = nil,
        part: Int = 0
    ) throws(PondError) -> UInt64? {
        try self.measure(event, payload)
        if let refusal = self.refusal { throw refusal }
        if let history = self.history, history.isShared {
            return self.share(event, payload, to: recipients, origin: origin, part: part, in: history)
        }
        let requestId = self.home.requestIds.next()
        self.cluster?.broadcast(event, payload, requestId: requestId, to: recipients)
        return self.deliver(event, payload, requestId: requestId, to: recipients, origin: origin)
    }

    /// Throws where a message of this channel would be larger than clients accept.
    func measure(_ event: String, _ payload: Payload, requestIdBytes: Int = PondID.uuidBytes) throws(PondError) {
        let limit = self.home.core.options.limits.outgoingMessageBytes
        let size = ServerMessage.size(
            over: limit,
            event: event,
            channelName: self.name,
            requestIdBytes: requestIdBytes,
            payload: payload
        )
        if let size { throw .tooLarge(event, in: self.name, bytes: size, limit: limit) }
    }

    /// Whether a broadcast of another node or of an earlier server is small enough to be sent; counts one that is not.
    func canSend(_ broadcast: StoredBroadcast) -> Bool {
        do throws(PondError) {
            let requestIdBytes = broadcast.requestId.utf8.count
            try self.measure(broadcast.event, broadcast.payload, requestIdBytes: requestIdBytes)
            return true
        } catch {
            self.cluster?.refuse(error)
            self.home.core.options.log.log(.warning, "a stored broadcast in \(self.lobby.pattern) is skipped: \(error)")
            return false
        }
    }

    /// Sends an event to members on this node, whichever node it comes from; returns its number in the history.
    @discardableResult
    func deliver(
        _ event: String,
        _ payload: Payload,
        requestId: String,
        to recipients: Recipients,
        origin: RequestOrigin? = nil
    ) -> UInt64? {
        guard let history = self.history else {
            let message = ServerMessage(
                action: .broadcast,
                event: event,
                channelName: self.name,
                requestId: requestId,
                payload: payload
            )
            self.send(message, to: recipients, at: .none)
            return nil
        }
        return history.add(
            event: event,
            requestId: requestId,
            recipients: recipients,
            payload: payload,
            origin: origin,
            goesOut: { broadcast in
                self.send(broadcast, of: history)
            },
            failed: { broadcast, error in self.report(broadcast, error) }
        )
    }

    /// Sends members what is stored.
    func send(_ broadcast: StoredBroadcast, of history: ChannelHistory) {
        guard self.canSend(broadcast) else { return }
        if !self.unrecovered.isEmpty { self.cutUnrecovered() }
        let position = StreamPosition(epoch: history.position.epoch, offset: broadcast.offset)
        self.send(self.message(broadcast), to: broadcast.recipients, at: .numbered(position))
    }

    /// Notes that nobody will see a broadcast.
    func report(_ broadcast: StoredBroadcast, _ error: PondError) {
        let log = self.home.core.options.log
        // A refusal is between the store and who wrote; a store that cannot write is news.
        log.log(
            error.kind == .conflict ? .debug : .error,
            "\(broadcast.event) in \(self.lobby.pattern) could not be stored: \(error)"
        )
    }

    func send(_ message: ServerMessage, to recipients: Recipients, at place: BroadcastPlace) {
        if let lane = self.busyLane {
            guard !lane.isOverfull(self.home.core.options.limits) else { return self.reportDropped(message) }
            lane.pass(size: message.waitingSize) { self.sendNow(message, to: recipients, at: place) }
        } else {
            self.sendNow(message, to: recipients, at: place)
        }
    }

    /// Why a member's broadcast cannot be taken now; `nil` when it can.
    var refusal: PondError? {
        guard let queue = self.busyLane, queue.isOverfull(self.home.core.options.limits) else { return nil }
        return .rateLimited("Too many messages of the channel wait to be sent", retryAfter: 1)
    }

    /// Notes a broadcast that is not sent because twice the limits of what may wait for outgoing handlers are reached.
    ///
    /// A member that causes it gets a 429; this is for timers, handles and other nodes, which nobody can answer.
    private func reportDropped(_ message: ServerMessage) {
        self.home.core.options.log.log(
            .error,
            "\(message.event) in \(self.lobby.pattern) was dropped: too many messages wait for its outgoing handlers; "
                + "make them faster or raise Limits.pendingBroadcastsPerChannel and pendingBytesPerChannel"
        )
    }

    private func sendNow(_ message: ServerMessage, to recipients: Recipients, at place: BroadcastPlace) {
        if let found = self.handlers.outgoing.find(message.event) {
            self.send(message, to: self.recipients(recipients), through: found, at: place)
        } else {
            self.deliver(message.frame(at: place), to: recipients)
        }
        if self.home.core.measures {
            self.home.core.options.metrics.messageBroadcast(
                endpoint: self.lobby.endpoint.path,
                channel: self.lobby.pattern,
                event: message.event,
                recipients: self.count(of: recipients)
            )
        }
    }

    /// Answers one member; outgoing handlers see it too.
    func reply(_ event: String, _ payload: Payload, requestId: String, to member: Member) throws(PondError) {
        // It has passed the limit of request ids, but may need escapes.
        try self.measure(event, payload, requestIdBytes: 6 * requestId.utf8.count)
        let message = ServerMessage(
            action: .system,
            event: event,
            channelName: self.name,
            requestId: requestId,
            payload: payload
        )
        if let lane = self.busyLane {
            lane.pass(size: message.waitingSize) { self.replyNow(message, to: member) }
        } else {
            self.replyNow(message, to: member)
        }
    }

    private func replyNow(_ message: ServerMessage, to member: Member) {
        if let found = self.handlers.outgoing.find(message.event) {
            self.send(message, to: [member], through: found, at: .none)
        } else {
            member.send(message)
        }
    }

    /// The members that a broadcast is for.
    func recipients(_ recipients: Recipients) -> [Member] {
        let ticket = self.ticket
        return switch recipients {
        case .all: self.members.filter { $0.hears(ticket) }
        case .allExcept(let userId): self.members.filter { $0.hears(ticket) && $0.userId != userId }
        case .users(let ids): Set(ids).flatMap { self.members(of: $0) }.filter { $0.hears(ticket) }
        }
    }

    /// The ticket of what is being sent: members that joined after it was queued do not get it.
    var ticket: UInt64 { self.lane?.currentTicket ?? .max }

    private func count(of recipients: Recipients) -> Int {
        if case .all = recipients { return self.members.count }
        return self.recipients(recipients).count
    }
}

extension ServerMessage {
    /// Roughly the bytes that it holds while it waits to be sent.
    var waitingSize: Int { 256 + self.event.utf8.count + self.payload.bytes.count }
}
