import PondCore
import PondNet
import PondRuntime

/// One live connection: reads what its client sends, remembers which channels it is in.
///
/// With a session it may lose its socket for a while and go on with another one; meanwhile it stays in its channels,
/// and what they send it is only in their histories.
/// `@unchecked Sendable`: touched on its shard's loop only; other shards just pass it along.
final class Connection: ServerConnection, TransportReceiver, @unchecked Sendable {
    // There may be very many of these: the order is such that they are small.
    /// The token with which a new socket resumes the session; `nil` without a session.
    private var session: SessionToken?
    private var machine = SessionMachine()
    let identity: ConnectionIdentity
    let endpoint: Endpoint
    private var transport: (any Transport)?
    private var grace = TimerID.none
    /// The address under which it counts as open; `nil` while it has no socket.
    private(set) var countedAddress: String?
    private var memberships = MembershipTable.none
    /// The channel of the last message, which is most often that of the next.
    private var last: Membership?
    private var joins: CompactBucket
    private var messages: CompactBucket

    init(identity: ConnectionIdentity, endpoint: Endpoint, transport: any Transport) {
        self.identity = identity
        self.endpoint = endpoint
        self.transport = transport
        self.countedAddress = identity.info.remoteAddress
        let limits = identity.shard.core.options.limits
        self.joins = CompactBucket(capacity: limits.joinBurst, now: identity.since)
        self.messages = CompactBucket(capacity: limits.messageBurst, now: identity.since)
    }

    private var limits: Limits { self.shard.core.options.limits }

    var ended: Bool { self.machine.hasEnded }
    /// Whether the connection has no socket now.
    var isAway: Bool { !self.machine.hasSocket }
    /// Whether another node has resumed the session.
    var isTransferred: Bool { self.machine.isTransferred }
    var socket: Int { self.machine.socket }

    /// The transport, where broadcasts need not ask it.
    var sharingTransport: (any SharingTransport)? { self.transport as? any SharingTransport }

    /// Counts a message; the seconds to wait where it was one too many.
    private func takeMessage() -> Double? {
        let shard = self.shard
        let core = shard.core
        return self.messages.take(
            rate: core.options.limits.messagesPerSecond,
            capacity: core.options.limits.messageBurst,
            now: shard.now
        )
    }

    // Out

    func send(_ frame: Frame) {
        guard !self.ended, let transport = self.transport else { return }
        transport.send(frame)
    }

    func send(_ message: ServerMessage) {
        guard !self.ended, let transport = self.transport else { return }
        transport.send(message)
    }

    /// Bytes that its client has not taken yet.
    var queuedBytes: Int { self.transport?.queuedBytes ?? 0 }

    func close(code: UInt16, reason: String) {
        switch self.machine.closed() {
        case .nothing: break
        case .closeSocket: self.transport?.close(code: code, reason: reason)
        case .end: self.finish(TransportEnd(code: code, reason: reason, clean: true))
        }
    }

    // In

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        // Most often it is one message: no need to look for where it ends.
        if !self.ended, transport === self.transport,
            let scanned = try? MessageScanner.scan(message, limits: self.shard.core.options.limits)
        {
            return self.route(scanned, in: message)
        }
        for document in MessageScanner.documents(in: message, limits: self.limits) {
            // What a socket brings that was replaced will come again on the new one.
            guard !self.ended, transport === self.transport else { return }
            do {
                let scanned = try MessageScanner.scan(document, limits: self.limits)
                self.route(scanned, in: document)
            } catch {
                if self.shard.core.measures {
                    self.shard.core.options.metrics.connectionError(endpoint: self.endpoint.path, kind: "invalid")
                }
                guard self.takeMessage() == nil else { continue }
                self.send(ServerFrames.invalid(error))
            }
        }
    }

    private func route(_ message: ScannedMessage, in bytes: UnsafeRawBufferPointer) {
        let requestId = ScannedMessage.string(message.requestId, in: bytes)
        if let seconds = self.takeMessage(), !self.endsMembership(message, in: bytes) {
            let name = ScannedMessage.string(message.channelName, in: bytes)
            let error = PondError.rateLimited("Too many messages", retryAfter: seconds)
            if message.clientAction == .joinChannel {
                self.send(ServerFrames.declined(name, requestId: requestId, error))
            } else {
                self.send(ServerFrames.failure(name, requestId: requestId, error))
            }
            return
        }
        switch message.clientAction {
        case .joinChannel:
            let request = JoinRequest(
                requestId: requestId,
                params: message.payload(in: bytes),
                recover: message.recover(in: bytes),
                socket: self.socket,
                wantsPresenceDeltas: message.wantsPresenceDeltas
            )
            self.join(ScannedMessage.string(message.channelName, in: bytes), request)
        case .leaveChannel:
            guard let member = self.member(message.channelName, in: bytes) else {
                let name = ScannedMessage.string(message.channelName, in: bytes)
                self.lapse(name, .explicitLeave)
                self.send(ServerFrames.exitAcknowledge(name, requestId: requestId))
                return
            }
            self.forward(.leave(requestId: requestId), to: member)
        case .broadcast:
            guard let member = self.member(message.channelName, in: bytes) else {
                let name = ScannedMessage.string(message.channelName, in: bytes)
                self.send(ServerFrames.notFound(name, requestId: requestId))
                return
            }
            let inbound = InboundMessage(
                event: ScannedMessage.string(message.event, in: bytes),
                requestId: requestId,
                payload: message.payload(in: bytes),
                wantsAcknowledgement: message.wantsAcknowledgement
            )
            if self.shard.core.measures {
                self.shard.core.options.metrics.messageReceived(
                    endpoint: self.endpoint.path,
                    channel: member.lobby.pattern,
                    event: inbound.event,
                    bytes: bytes.count
                )
            }
            if member.home === self.shard {
                member.submit(inbound)
            } else {
                self.forward(inbound, to: member)
            }
        case nil: return
        }
    }

    /// Whether a message is the LEAVE of a member: that is never one too many, or its client would be a ghost.
    private func endsMembership(_ message: ScannedMessage, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard case .leaveChannel? = message.clientAction else { return false }
        let membership = self.memberships[ScannedMessage.string(message.channelName, in: bytes)]
        return membership.map { !$0.isOver } ?? false
    }

    private func member(_ name: ScannedMessage.Text, in bytes: UnsafeRawBufferPointer) -> Member? {
        if let last = self.last, ScannedMessage.matches(name, last.name, in: bytes) { return last.member }
        guard let membership = self.memberships[ScannedMessage.string(name, in: bytes)] else { return nil }
        self.last = membership
        return membership.member
    }

    private func join(_ name: String, _ request: JoinRequest) {
        let limits = self.limits
        let known = self.memberships[name]
        // A member that comes back with its session has paid before, or a flapping network would use up its joins.
        let comesBack = known.map { $0.isSilent && $0.unansweredJoins == 0 } ?? false
        if !comesBack,
            let seconds = self.joins.take(
                rate: limits.joinsPerSecond,
                capacity: limits.joinBurst,
                now: self.shard.now
            )
        {
            let error = PondError.rateLimited("Too many joins", retryAfter: seconds)
            self.send(ServerFrames.declined(name, requestId: request.requestId, error))
            return
        }
        if let membership = known, let member = membership.member {
            membership.unansweredJoins += 1
            self.forward(.join(request), to: member)
            return
        }
        guard self.memberships.count < self.limits.channelsPerConnection || self.forgetRemembered() else {
            let error = PondError.rateLimited("Too many channels on one connection", retryAfter: 1)
            self.send(ServerFrames.declined(name, requestId: request.requestId, error))
            return
        }
        let key = ChannelKey(endpoint: self.endpoint.core.index, name: name)
        guard let (lobby, _) = self.endpoint.find(name), let home = key.home(among: self.shard.peers) else {
            let error = PondError.notFound("No channel has this name")
            self.send(ServerFrames.declined(name, requestId: request.requestId, error))
            return
        }
        let membership = Membership(connection: self, name: name)
        let member = Member(
            identity: self.identity,
            membership: membership,
            lobby: lobby.core,
            home: home,
            id: self.shard.number()
        )
        membership.member = member
        membership.unansweredJoins = 1
        self.memberships.add(membership)
        self.forward(.join(request), to: member)
    }

    private func forward(_ work: MemberWork, to member: Member) {
        self.shard.post(to: member.home) { _ in member.submit(work) }
    }

    /// Hands a message to the channel's loop, or answers it with 429 where that loop does not keep up.
    private func forward(_ message: InboundMessage, to member: Member) {
        guard !member.home.take(message.size, { member.submit(message) }) else { return }
        let error = PondError.rateLimited("Too many messages wait for the channel", retryAfter: 1)
        self.send(ServerFrames.failure(member.name, requestId: message.requestId, error))
    }

    // Memberships

    /// Makes room by dropping a membership that is over, though a repeat of what it sent may still come.
    private func forgetRemembered() -> Bool {
        guard let remembered = self.memberships.values.first(where: { $0.isOver && $0.isRemembered }) else {
            return false
        }
        self.forget(remembered)
        return true
    }

    /// Drops a membership that nothing is expected of any more.
    func forgetIfOver(_ membership: Membership) {
        guard membership.isOver, !membership.isRemembered else { return }
        self.forget(membership)
    }

    private func forget(_ membership: Membership) {
        guard self.memberships[membership.name] === membership else { return }
        self.memberships.remove(membership.name)
        if self.last === membership { self.last = nil }
        membership.member = nil
    }

    // The end

    func transport(_ transport: any Transport, ended end: TransportEnd) {
        guard transport === self.transport else { return }
        // Later: the transport may end in the middle of a fan-out, which walks over the members.
        switch self.machine.socketEnded(canResume: self.outlives(end)) {
        case .nothing: break
        case .end: self.shard.loop.execute { self.finish(end) }
        case .detach:
            self.transport = nil
            self.shard.loop.execute { self.detach(end) }
        }
    }

    /// The one place where a connection ends: every channel's home hears of it.
    private func finish(_ end: TransportEnd) {
        self.transport = nil
        self.last = nil
        self.shard.loop.cancel(self.grace)
        if let session = self.session { self.shard.core.sessions.withLock { $0.ended(session) } }
        if let shared = self.identity.shared {
            self.shard.core.cluster?.sessions?.forget(shared)
            // A server that goes leaves its sessions for others to take.
            if case .running = self.shard.core.currentPhase {
                if !self.isTransferred { self.lapseUnclaimed() }
                shared.end()
            } else {
                shared.leave()
            }
        }
        let memberships = self.memberships
        self.memberships = .none
        for membership in memberships.values {
            self.shard.unlink(membership)
            guard let member = membership.member else { continue }
            membership.member = nil
            self.forward(self.isTransferred ? .transferred : .closed, to: member)
        }
        self.shard.forget(self, end)
    }
}

// MARK: The session

extension Connection {
    /// Lets a new socket with this token resume the connection's session.
    func begin(session: SessionToken) { self.session = session }

    /// Whether the connection outlives its socket; without a session it never does.
    private func outlives(_ end: TransportEnd) -> Bool {
        guard self.session != nil else { return false }
        switch self.shard.core.currentPhase {
        case .running: return !end.endsSession
        // The client reconnects to another node, which can resume a shared session.
        case .draining: return self.identity.shared != nil
        case .idle, .stopped: return false
        }
    }

    /// Another node has resumed the session. Members stay for the grace time, until the memberships there are known.
    func transferred() {
        guard let session = self.session, self.machine.transferred() else { return }
        self.session = nil
        self.shard.core.sessions.withLock { $0.ended(session) }
        self.shard.loop.cancel(self.grace)
        self.stopReceiving()
        let replaced = self.transport
        self.transport = nil
        if self.identity.shared?.isUnconfirmed == true {
            // The socket came to a copy of the session that was out of date: the client connects again, with the session.
            replaced?.close(code: 1013, reason: "connect again")
        } else {
            replaced?.close(code: TransportEnd.takenOver, reason: "session taken over")
        }
        self.uncount()
        self.grace = self.shard.loop.schedule(after: self.limits.sessionGrace) {
            self.endDetached(TransportEnd(code: TransportEnd.takenOver, reason: "session taken over", clean: true))
        }
    }

    /// Keeps the session for its grace time after the loss of the socket.
    private func detach(_ end: TransportEnd) {
        guard let session = self.session, self.machine.isDetached else { return }
        let core = self.shard.core
        self.stopReceiving()
        switch core.sessions.withLock({ $0.lost(session) }) {
        case .end: self.endDetached(end)
        case .keep(let number, let displaced):
            self.uncount()
            self.grace = self.shard.loop.schedule(after: self.limits.sessionGrace) {
                guard core.sessions.withLock({ $0.graceEnded(session, number: number) }) else { return }
                self.endDetached(end)
            }
            guard let displaced else { return }
            displaced.shard.loop.execute { displaced.endDisplaced() }
        }
    }

    /// Closes the socket, so that the client reconnects and joins its channels again.
    func cut() {
        guard self.machine.canResume else { return }
        self.transport?.close(code: 1013, reason: "join again")
    }

    func endDisplaced() { self.endDetached(TransportEnd(code: 1006, reason: "too many sessions", clean: false)) }

    /// Ends a connection that has no socket.
    private func endDetached(_ end: TransportEnd) {
        if self.machine.graceEnded() { self.finish(end) }
    }

    /// Resumes the session on a new socket from `address` and closes the present socket; false if it is too late.
    func resume(
        _ transport: any Transport,
        as connectionId: String,
        from address: String,
        greeting: Frame
    ) -> Bool {
        guard let session = self.session, self.machine.canResume else { return false }
        if case .unknown = self.shard.core.sessions.withLock({ $0.resumed(session) }) { return false }
        guard self.machine.resumed() else { return false }
        self.shard.loop.cancel(self.grace)
        self.grace = .none
        self.stopReceiving()
        self.uncount()
        self.countedAddress = address
        let replaced = self.transport
        self.transport = transport
        self.shard.rename(self, connectionId)
        replaced?.close(code: TransportEnd.takenOver, reason: "session taken over")
        self.send(greeting)
        transport.receiver = self
        self.identity.shared?.resumed()
        return true
    }

    /// Stops receiving from the channels until the client joins again: what it missed has to come first.
    private func stopReceiving() {
        for membership in self.memberships.values where membership.channel != nil || membership.replay != nil {
            self.shard.unlink(membership)
            membership.replay = nil
            membership.isSilent = true
        }
    }

    private func uncount() {
        guard let address = self.countedAddress else { return }
        self.countedAddress = nil
        self.shard.core.uncountConnection(from: address)
    }
}
