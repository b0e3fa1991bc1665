internal import Synchronization

/// A connection in a channel, or on its way in or out, as the channel's home sees it.
///
/// Everything a client sends for one channel passes `submit` and is handled in order, one at a time: while a
/// handler is suspended, what comes after it waits.
/// `@unchecked Sendable`: every variable is touched on the home's loop only; other shards just pass it along.
final class Member: @unchecked Sendable {
    let id: UInt64
    let identity: ConnectionIdentity
    let membership: Membership
    let lobby: Lobby
    let home: Shard

    /// Whether the connection is a member now.
    private(set) var state = State.outside
    var assigns: JSONObject { didSet { self.share() } }
    /// The member's place in its channel's list.
    var index = 0
    /// The next member of the same user in this channel.
    var sibling: Member?
    /// What most members never need.
    private var extras: MemberExtras?
    /// Whether work has begun that has not finished.
    private var busy = false
    /// Whether `drain` is on the stack, so that it takes up what waits.
    private var draining = false
    private var gone = false
    var wantsPresenceDeltas = false
    /// Whether its join was answered, so that it gets what is sent.
    var isHearing = false
    /// Whether the join that is being handled keeps the history open.
    private var holdsHistory = false

    enum State {
        /// Not a member; can become joined.
        case outside
        /// A member of a live channel; can become outside.
        case joined(Channel)
    }

    init(
        identity: ConnectionIdentity,
        membership: Membership,
        lobby: Lobby,
        home: Shard,
        id: UInt64
    ) {
        self.id = id
        self.identity = identity
        self.membership = membership
        self.lobby = lobby
        self.home = home
        self.assigns = identity.info.assigns
    }

    /// What it shows on the node that it comes from, while the join with which it goes on here is handled.
    var presenceElsewhere: (value: JSONObject, key: String?)? { self.extras?.presenceElsewhere }

    private func needExtras() -> MemberExtras {
        if let extras = self.extras { return extras }
        let extras = MemberExtras()
        self.extras = extras
        return extras
    }

    var userId: String { self.identity.userId }
    /// What the lobby's pattern finds in the channel's name.
    var match: RouteMatch { self.channel?.match ?? self.lobby.route.match(self.name) ?? RouteMatch() }
    var name: String { self.membership.name }
    var key: ChannelKey { ChannelKey(endpoint: self.lobby.endpoint.index, name: self.name) }
    var shard: Shard { self.identity.shard }
    private var core: ServerCore { self.home.core }
    private var options: PondOptions { self.core.options }

    var channel: Channel? {
        guard case .joined(let channel) = self.state else { return nil }
        return channel
    }

    /// Whether the connection is over, so that nobody hears an answer.
    var isGone: Bool { self.gone }

    var user: User {
        User(id: self.userId, assigns: self.assigns, presence: self.channel?.presence.entry(of: self.id)?.value)
    }

    // Order

    /// Takes what the connection sent, in the order it was sent.
    func submit(_ work: MemberWork) {
        switch work {
        case .closed: return self.connectionClosed()
        case .moved:
            self.gone = true
            self.dropPending()
            self.channel?.remove(self, reason: .connectionClosed, last: nil, isMoved: true)
            return
        case .join, .message, .leave: break
        }
        guard !self.busy, !self.draining else { return self.wait(work) }
        self.draining = true
        self.busy = true
        self.perform(work)
        self.drain()
    }

    /// Goes on with what waits, until a handler suspends.
    private func drain() {
        self.draining = true
        while !self.busy, let work = self.extras?.takePending() {
            self.unfinished(-1)
            self.busy = true
            self.perform(work)
        }
        self.draining = false
    }

    /// Ends the work that `perform` began: called once for each, at once or when a handler that suspended is done.
    private func finished() {
        self.busy = false
        if !self.draining { self.drain() }
    }

    private func wait(_ work: MemberWork) {
        let limits = self.options.limits
        let waiting = self.extras?.waiting ?? 0
        guard waiting < limits.pendingMessagesPerMember,
            self.identity.unfinished.load(ordering: .relaxed) < limits.inFlightRequests
        else {
            let error = PondError.rateLimited("Too many messages wait for an answer", retryAfter: 1)
            switch work {
            case .join(let request):
                self.send(ServerFrames.declined(self.name, requestId: request.requestId, error))
                self.settle()
            case .message(let message):
                self.send(ServerFrames.failure(self.name, requestId: message.requestId, error))
            // A leave is always remembered: at most one can follow without an answer that this bound refuses.
            case .leave: if waiting < limits.pendingMessagesPerMember * 2 { self.append(work) }
            case .closed, .moved: self.append(work)
            }
            return
        }
        self.append(work)
        if self.core.measures {
            self.options.metrics.queueDepth(
                endpoint: self.lobby.endpoint.path,
                channel: self.lobby.pattern,
                depth: waiting + 1
            )
        }
    }

    private func append(_ work: MemberWork) {
        self.needExtras().pending.append(work)
        self.unfinished(1)
    }

    private func unfinished(_ change: Int) {
        self.identity.unfinished.wrappingAdd(change, ordering: .relaxed)
    }

    private func dropPending() {
        self.unfinished(-(self.extras?.waiting ?? 0))
        self.extras?.dropPending()
    }

    private func perform(_ work: MemberWork) {
        switch work {
        case .join(let request): self.performJoin(request)
        case .message(let message): self.performMessage(message)
        case .leave(let requestId):
            let frame = ServerFrames.exitAcknowledge(self.name, requestId: requestId)
            if let channel = self.channel {
                channel.remove(self, reason: .explicitLeave, last: frame)
            } else {
                self.send(frame)
            }
            self.finished()
        case .closed, .moved:
            if let removal = self.extras?.removal { self.home.loop.cancel(removal) }
            self.channel?.remove(self, reason: .connectionClosed, last: nil)
            self.finished()
        }
    }

    /// Runs a chain; one that may suspend counts against what a connection may have unfinished.
    private func run<Context>(
        _ chain: HandlerChain<Context>,
        _ context: Context,
        _ kind: HandlerKind,
        _ end: @escaping ((any Error)?) -> Void
    ) {
        let endpoint = self.lobby.endpoint.path
        guard chain.suspends else { return self.home.run(chain, context, kind, at: endpoint, end) }
        guard self.identity.unfinished.load(ordering: .relaxed) < self.options.limits.inFlightRequests else {
            return end(PondError.rateLimited("Too many requests are unfinished", retryAfter: 1))
        }
        self.unfinished(1)
        self.home.run(chain, context, kind, at: endpoint) { error in
            self.unfinished(-1)
            end(error)
        }
    }

    // Joining

    private func performJoin(_ request: JoinRequest) {
        if let channel = self.channel {
            return self.prepare(channel.history, for: request) {
                // It may have been removed while the store was read.
                guard let channel = self.channel else { return self.performJoin(request) }
                channel.answer(request, of: self)
                self.settle()
                self.finished()
            }
        }
        guard let store = self.lobby.handlers.history else { return self.decide(request) }
        self.home.openHistory(of: self.key, self.lobby, in: store) { result in
            switch result {
            case .success(let history):
                self.holdsHistory = true
                self.recall(history) {
                    self.prepare(history, for: request) { self.decide(request) }
                }
            case .failure(let error):
                self.send(ServerFrames.declined(self.name, requestId: request.requestId, error))
                self.settle()
                self.finished()
            }
        }
    }

    /// Learns what the client sent in earlier sessions, so that a repeat of that is known for one.
    private func recall(_ history: ChannelHistory, then: @escaping @Sendable () -> Void) {
        guard self.identity.isReturning, self.extras?.dedupe == nil else { return then() }
        history.requests(of: self.identity.client) { result in
            switch result {
            case .success(let requests):
                var window = self.newWindow()
                for requestId in requests {
                    let answer = ServerFrames.delivered(self.name, requestId: requestId)
                    window.recalled(requestId, answer: answer, now: self.home.now)
                }
                self.needExtras().dedupe = window
            case .failure(let error):
                self.options.log.log(.error, "a client's requests in \(self.lobby.pattern) could not be read: \(error)")
            }
            then()
        }
    }

    private func newWindow() -> DedupeWindow {
        DedupeWindow(maximum: self.options.limits.dedupeRequests, age: self.options.limits.dedupeAge)
    }

    /// Whether a repeat of an acknowledged message would be known.
    var remembersMessages: Bool { (self.extras?.dedupe?.count ?? 0) > 0 }

    /// Reads what the history's memory does not have of what a join wants to recover.
    private func prepare(_ history: ChannelHistory?, for request: JoinRequest, then: @escaping @Sendable () -> Void) {
        self.extras?.prepared = .fromMemory
        guard let history, let position = request.recover else { return then() }
        history.prepare(position, maximumBytes: self.options.limits.historyBytes) { prepared in
            self.needExtras().prepared = prepared
            then()
        }
    }

    /// What was read for the join that is being answered; it is let go with that.
    func takePrepared() -> ChannelHistory.Prepared {
        defer { self.extras?.prepared = .fromMemory }
        return self.extras?.prepared ?? .fromMemory
    }

    /// Lets the join handler decide.
    private func decide(_ request: JoinRequest) {
        self.wantsPresenceDeltas = request.wantsPresenceDeltas
        self.assigns = self.identity.info.assigns
        let context = JoinContext(member: self, request: request)
        if let membership = self.identity.shared?.claim(self.name) { return self.restore(membership, context, request) }
        do {
            try self.options.hooks.beforeJoin?(self.user, self.name)
        } catch {
            return self.endJoin(context, request, error)
        }
        self.run(self.lobby.joinChain, context, .join) { self.endJoin(context, request, $0) }
    }

    /// Goes on with a membership that was on another node: nobody is asked, and nobody sees a join.
    private func restore(_ membership: SessionRecord.Membership, _ context: JoinContext, _ request: JoinRequest) {
        self.assigns = membership.assigns
        self.needExtras().presenceElsewhere = membership.presence.map { ($0, membership.key) }
        context.accept()
        self.extras?.presenceElsewhere = nil
        if let channel = self.channel, let presence = membership.presence {
            do throws(PondError) {
                try channel.track(self, presence, key: membership.key)
                let mode: Membership.PresenceMode = self.wantsPresenceDeltas ? .none : .full
                if let now = channel.presenceNow(for: self, mode) { self.send(now) }
            } catch {
                return self.endJoin(context, request, error)
            }
        }
        self.endJoin(context, request, nil)
    }

    /// The one place where a join's handling ends. The acknowledgement left with `accept`.
    private func endJoin(_ context: JoinContext, _ request: JoinRequest, _ error: (any Error)?) {
        if let error { self.report(error, "join handler of \(self.lobby.pattern)") }
        switch context.decision {
        case .accepted:
            if let error {
                self.send(ServerFrames.failure(self.name, requestId: PondID.uuid(), error))
            }
            self.options.hooks.afterJoin?(self.user, self.name)
        case .declined(let reason):
            self.send(ServerFrames.declined(self.name, requestId: request.requestId, reason))
        case .none:
            let reason: PondError =
                switch error {
                case nil: .unauthorized("Join handler did not respond")
                case let error as PondError: error
                default: .internalError("Internal Server Error")
                }
            self.send(ServerFrames.declined(self.name, requestId: request.requestId, reason))
        }
        if self.holdsHistory {
            self.holdsHistory = false
            self.home.releaseHistory(of: self.key)
        }
        self.settle()
        self.finished()
    }

    /// Tells the connection's shard that one of its joins was answered, when the answer is on its way.
    private func settle() {
        guard let lane = self.channel?.busyLane else { return self.settleNow() }
        lane.pass { self.settleNow() }
    }

    private func settleNow() {
        let membership = self.membership
        self.home.post(to: self.shard) { $0.settle(membership) }
    }

    /// Becomes a member; the acknowledgement goes out before anything else of the channel can.
    func enter(_ channel: Channel, _ request: JoinRequest) {
        self.state = .joined(channel)
        channel.admit(self, request)
    }

    /// Is a member no more; called by the channel.
    func exit() {
        self.state = .outside
        self.isHearing = false
    }

    // Messages

    private func performMessage(_ message: InboundMessage) {
        guard let channel = self.channel else {
            if message.wantsAcknowledgement, let answer = self.extras?.dedupe?.answer(of: message.requestId) {
                self.send(answer)
                return self.finished()
            }
            self.send(ServerFrames.notFound(self.name, requestId: message.requestId))
            return self.finished()
        }
        guard !message.wantsAcknowledgement || self.isFirst(message) else { return self.finished() }
        let handlers = self.lobby.handlers
        guard let found = handlers.events.find(message.event) else {
            self.answer(
                message,
                ServerFrames.handlerNotFound(self.name, requestId: message.requestId, event: message.event)
            )
            return self.finished()
        }
        do {
            try self.options.hooks.beforeMessage?(self.user, self.name, message.event)
        } catch {
            return self.endMessage(message, in: channel, nil, error)
        }
        let context = EventContext(
            member: self,
            channel: channel,
            message: message,
            params: found.params,
            wildcard: found.wildcard
        )
        let chain = found.chain.behind(handlers.eventMiddleware)
        if !chain.suspends, !self.core.measures {
            do {
                try chain.run(context)
                self.endMessage(message, in: channel, context, nil)
            } catch {
                self.endMessage(message, in: channel, context, error)
            }
            return
        }
        self.run(chain, context, .message) { self.endMessage(message, in: channel, context, $0) }
    }

    /// Whether a message that is to be acknowledged was not there before; a repeat is answered like the first.
    private func isFirst(_ message: InboundMessage) -> Bool {
        let extras = self.needExtras()
        var window = extras.dedupe ?? self.newWindow()
        extras.dedupe = nil
        let action = window.arrived(message.requestId, now: self.home.now)
        extras.dedupe = window
        switch action {
        case .handle: return true
        case .ignore: break
        case .answer(let frame): self.send(frame)
        case .refuse:
            let error = PondError.rateLimited("Too many messages wait for their acknowledgement", retryAfter: 1)
            self.send(ServerFrames.failure(self.name, requestId: message.requestId, error))
        }
        return false
    }

    /// Sends the answer that a message ends with, and remembers it for a repeat.
    private func answer(_ message: InboundMessage, _ frame: Frame) {
        self.send(frame)
        guard message.wantsAcknowledgement else { return }
        self.extras?.dedupe?.ended(message.requestId, answer: frame, now: self.home.now)
    }

    /// The one place where a message's handling ends, well or badly; no context where no handler had it.
    private func endMessage(
        _ message: InboundMessage,
        in channel: Channel,
        _ context: EventContext?,
        _ error: (any Error)?
    ) {
        if let error {
            self.report(error, "handler of \(message.event) in \(self.lobby.pattern)")
            self.answer(message, ServerFrames.failure(self.name, requestId: message.requestId, error))
        } else if message.wantsAcknowledgement {
            if let history = channel.history {
                // What the handler sent is delivered when it is stored; the member's next message need not wait.
                history.whenSettled(context?.unsettled ?? []) { self.acknowledge(message, $0) }
            } else {
                self.acknowledge(message, nil)
            }
        }
        self.options.hooks.afterMessage?(self.user, self.name, message.event, error)
        self.finished()
    }

    private func acknowledge(_ message: InboundMessage, _ error: PondError?) {
        if let error {
            self.answer(message, ServerFrames.failure(self.name, requestId: message.requestId, error))
        } else {
            self.answer(message, ServerFrames.delivered(self.name, requestId: message.requestId))
        }
    }

    private func report(_ error: any Error, _ place: String) {
        // A PondError is an answer that the handler chose; only what it hides, and anything else, is news.
        if let error = error as? PondError, error.underlying == nil, error.kind != .internalError { return }
        self.options.log.log(.error, "\(place) failed: \(error)")
    }

    /// Sends a frame to this member alone, whatever its state.
    func send(_ frame: Frame) {
        guard !self.gone else { return }
        let membership = self.membership
        if self.shard === self.home {
            self.home.deliver(frame, to: membership)
        } else {
            self.shard.loop.execute { [shard] in shard.deliver(frame, to: membership) }
        }
    }

    // The end of the connection

    /// What was sent before the end is handled first, unless a handler takes too long over it.
    private func connectionClosed() {
        guard !self.gone else { return }
        self.gone = true
        guard self.busy, self.channel != nil else {
            self.dropPending()
            self.channel?.remove(self, reason: .connectionClosed, last: nil)
            return
        }
        self.append(.closed)
        self.needExtras().removal = self.home.loop.schedule(after: self.options.limits.closeTime) {
            self.dropPending()
            self.channel?.remove(self, reason: .connectionClosed, last: nil)
        }
    }
}
