/// One live connection: reads what its client sends, remembers which channels it is in.
///
/// `@unchecked Sendable`: touched on its shard's loop only; other shards just pass it along.
final class Connection: TransportReceiver, @unchecked Sendable {
    let identity: ConnectionIdentity
    let endpoint: Endpoint
    private let shard: Shard
    private var transport: (any Transport)?
    private(set) var ended = false
    private var memberships: [String: Membership] = [:]
    /// The channel of the last message, which is most often that of the next.
    private var last: Membership?
    private var joins: TokenBucket
    private var messages: TokenBucket

    init(identity: ConnectionIdentity, endpoint: Endpoint, transport: any Transport) {
        self.identity = identity
        self.endpoint = endpoint
        self.shard = identity.shard
        self.transport = transport
        let limits = identity.shard.core.options.limits
        self.joins = TokenBucket(rate: limits.joinsPerSecond, capacity: limits.joinBurst, now: identity.since)
        self.messages = TokenBucket(rate: limits.messagesPerSecond, capacity: limits.messageBurst, now: identity.since)
    }

    private var limits: Limits { self.shard.core.options.limits }

    // Out

    func send(_ frame: Frame) {
        guard !self.ended, let transport = self.transport else { return }
        transport.send(frame)
    }

    func close(code: UInt16, reason: String) { self.transport?.close(code: code, reason: reason) }

    // In

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        for document in MessageScanner.documents(in: message, limits: self.limits) {
            guard !self.ended else { return }
            do {
                let scanned = try MessageScanner.scan(document, limits: self.limits)
                self.received(scanned, in: document)
            } catch {
                if self.shard.core.measures {
                    self.shard.core.options.metrics.connectionError(endpoint: self.endpoint.path, kind: "invalid")
                }
                guard self.messages.take(now: self.shard.now) == nil else { continue }
                self.send(ServerFrames.invalid(error))
            }
        }
    }

    private func received(_ message: ScannedMessage, in bytes: UnsafeRawBufferPointer) {
        let requestId = ScannedMessage.string(message.requestId, in: bytes)
        if let seconds = self.messages.take(now: self.shard.now) {
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
                wantsPresenceDeltas: message.wantsPresenceDeltas
            )
            self.join(ScannedMessage.string(message.channelName, in: bytes), request)
        case .leaveChannel:
            guard let member = self.member(message.channelName, in: bytes) else {
                let name = ScannedMessage.string(message.channelName, in: bytes)
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
            self.forward(.message(inbound), to: member)
        case nil: return
        }
    }

    private func member(_ name: ScannedMessage.Text, in bytes: UnsafeRawBufferPointer) -> Member? {
        if let last = self.last, ScannedMessage.matches(name, last.name, in: bytes) { return last.member }
        guard let membership = self.memberships[ScannedMessage.string(name, in: bytes)] else { return nil }
        self.last = membership
        return membership.member
    }

    private func join(_ name: String, _ request: JoinRequest) {
        if let seconds = self.joins.take(now: self.shard.now) {
            let error = PondError.rateLimited("Too many joins", retryAfter: seconds)
            self.send(ServerFrames.declined(name, requestId: request.requestId, error))
            return
        }
        if let membership = self.memberships[name], let member = membership.member {
            membership.unansweredJoins += 1
            self.forward(.join(request), to: member)
            return
        }
        guard self.memberships.count < self.limits.channelsPerConnection else {
            let error = PondError.rateLimited("Too many channels on one connection", retryAfter: 1)
            self.send(ServerFrames.declined(name, requestId: request.requestId, error))
            return
        }
        guard let (lobby, match) = self.endpoint.find(name) else {
            let error = PondError.notFound("No channel has this name")
            self.send(ServerFrames.declined(name, requestId: request.requestId, error))
            return
        }
        let membership = Membership(connection: self, name: name)
        let member = Member(
            identity: self.identity,
            membership: membership,
            lobby: lobby,
            match: match,
            home: self.shard.group.home(of: ChannelKey(endpoint: self.endpoint.index, name: name)),
            id: self.shard.number()
        )
        membership.member = member
        membership.unansweredJoins = 1
        self.memberships[name] = membership
        self.forward(.join(request), to: member)
    }

    private func forward(_ work: MemberWork, to member: Member) {
        self.shard.post(to: member.home) { _ in member.submit(work) }
    }

    // Memberships

    /// Drops a membership that nothing is expected of any more.
    func forgetIfOver(_ membership: Membership) {
        guard membership.channel == nil, membership.unansweredJoins <= 0 else { return }
        guard self.memberships[membership.name] === membership else { return }
        self.memberships[membership.name] = nil
        if self.last === membership { self.last = nil }
        membership.member = nil
    }

    // The end

    func transport(_ transport: any Transport, ended end: TransportEnd) {
        guard !self.ended else { return }
        self.ended = true
        // Not now: the transport may find out in the middle of a delivery that walks over the members.
        self.shard.loop.execute { self.finish(end) }
    }

    /// The one place where a connection ends: every channel's home hears of it.
    private func finish(_ end: TransportEnd) {
        self.transport = nil
        self.last = nil
        let memberships = self.memberships
        self.memberships = [:]
        for membership in memberships.values {
            self.shard.unlink(membership)
            guard let member = membership.member else { continue }
            membership.member = nil
            self.forward(.closed, to: member)
        }
        self.shard.forget(self, end)
    }
}
