import PondCore
import PondRuntime
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
    let lobby: LobbyCore
    let home: Shard

    /// Whether the connection is a member now.
    private(set) var state = State.outside
    var assigns: JSONObject { didSet { self.share() } }
    /// The member's place in its channel's list.
    var index = 0
    /// The next member of the same user in this channel.
    var sibling: Member?
    /// What most members never need.
    var extras: MemberExtras?
    /// Whether work has begun that has not finished.
    private var busy = false
    /// Whether `drain` is on the stack, so that it takes up what waits.
    private var draining = false
    private var gone = false
    var wantsPresenceDeltas = false
    /// Whether its join was answered, so that it gets what is sent.
    var isReceiving = false
    /// Queued broadcasts with lower tickets were sent before it joined.
    var firstTicket: UInt64 = 0
    /// Which of the connection's sockets hears the channel; -1 where it is on its way to it.
    var receivingSocket: Int32 = -1
    /// Whether the join that is being handled keeps the history open.
    var holdsHistory = false

    enum State {
        /// Not a member; can become joined.
        case outside
        /// A member of a live channel; can become outside.
        case joined(Channel)
    }

    init(
        identity: ConnectionIdentity,
        membership: Membership,
        lobby: LobbyCore,
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

    /// Whether it gets a broadcast that was queued under this ticket.
    func receives(_ ticket: UInt64) -> Bool { self.isReceiving && self.firstTicket <= ticket }

    func needExtras() -> MemberExtras {
        if let extras = self.extras { return extras }
        let extras = MemberExtras(loopWork: self.home.work)
        self.extras = extras
        return extras
    }

    var userId: String { self.identity.userId }
    /// What the lobby's pattern finds in the channel's name.
    var match: RouteMatch { self.channel?.match ?? self.lobby.route.match(self.name) ?? RouteMatch() }
    var name: String { self.membership.name }
    var key: ChannelKey { ChannelKey(endpoint: self.lobby.endpoint.index, name: self.name) }
    var shard: Shard { self.identity.shard }
    var core: ServerCore { self.home.core }
    var options: PondOptions { self.core.options }

    var channel: Channel? {
        guard case .joined(let channel) = self.state else { return nil }
        return channel
    }

    /// Whether the connection is a member of this channel now.
    func isMember(of scope: ChannelScope) -> Bool { self.channel?.scope === scope }

    /// Whether the connection is over, so that nobody hears an answer.
    var isGone: Bool { self.gone }

    var user: User {
        User(id: self.userId, assigns: self.assigns, presence: self.channel?.presence.entry(of: self)?.value)
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

    /// As `submit`, for what most often comes.
    func submit(_ message: consuming InboundMessage) {
        guard !self.busy, !self.draining else { return self.wait(.message(message)) }
        self.draining = true
        self.busy = true
        self.performMessage(message)
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
    func finished() {
        self.busy = false
        if !self.draining { self.drain() }
    }

    private func wait(_ work: MemberWork) {
        let limits = self.options.limits
        let waiting = self.extras?.work ?? WaitingWork()
        let size = work.size
        let (count, bytes) = (limits.pendingMessagesPerMember, limits.pendingBytesPerMember)
        guard waiting.hasRoom(for: size, count: count, bytes: bytes),
            self.home.work.hasRoom(for: size, limits),
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
            case .leave: if waiting.count < limits.pendingMessagesPerMember * 2 { self.append(work) }
            case .closed, .moved: self.append(work)
            }
            return
        }
        self.append(work)
        if self.core.measures {
            self.options.metrics.queueDepth(
                endpoint: self.lobby.endpoint.path,
                channel: self.lobby.pattern,
                depth: waiting.count + 1
            )
        }
    }

    private func append(_ work: MemberWork) {
        self.needExtras().append(work)
        self.unfinished(1)
    }

    private func unfinished(_ change: Int) {
        self.identity.unfinished.wrappingAdd(change, ordering: .relaxed)
    }

    private func dropPending() {
        self.unfinished(-(self.extras?.work.count ?? 0))
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
    func run<Context>(
        _ chain: HandlerChain<Context>,
        _ context: Context,
        _ kind: HandlerKind,
        holding size: Int,
        _ end: @escaping ((any Error)?) -> Void
    ) {
        let endpoint = self.lobby.endpoint.path
        guard chain.suspends else { return self.home.run(chain, context, kind, at: endpoint, end) }
        let work = self.home.work
        guard self.identity.unfinished.load(ordering: .relaxed) < self.options.limits.inFlightRequests,
            work.hasRoom(for: size, self.options.limits)
        else {
            return end(PondError.rateLimited("Too many requests are unfinished", retryAfter: 1))
        }
        self.unfinished(1)
        work.total.add(size)
        self.home.run(chain, context, kind, at: endpoint) { error in
            self.unfinished(-1)
            work.total.remove(size)
            end(error)
        }
    }

    /// Becomes a member; the acknowledgement goes out before anything else of the channel can.
    func enter(_ channel: Channel, _ request: JoinRequest) {
        self.state = .joined(channel)
        channel.admit(self, request)
    }

    /// Is a member no more; called by the channel.
    func exit() {
        self.state = .outside
        self.isReceiving = false
        self.receivingSocket = -1
    }

    /// Lets go on who waited for it to be out.
    func isOut() {
        guard let waiting = self.extras?.whenOut, !waiting.isEmpty else { return }
        self.extras?.whenOut = []
        for goOn in waiting { goOn() }
    }

    func report(_ error: any Error, _ place: String) {
        guard !error.isAnswer else { return }
        self.options.log.log(.error, "\(place) failed: \(error)")
    }

    /// Sends a frame to this member alone, whatever its state.
    func send(_ frame: Frame) {
        guard !self.gone else { return }
        let membership = self.membership
        if self.shard === self.home {
            self.home.send(frame, to: membership)
        } else {
            self.shard.loop.execute { [shard] in shard.send(frame, to: membership) }
        }
    }

    /// Sends a message to this member alone, whatever its state.
    func send(_ message: ServerMessage) {
        guard self.shard === self.home else { return self.send(message.frame()) }
        if !self.gone { self.home.send(message, to: self.membership) }
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
        self.channel?.roster.linger(self)
        self.needExtras().removal = self.home.loop.schedule(after: self.options.limits.closeTime) {
            self.dropPending()
            self.channel?.remove(self, reason: .connectionClosed, last: nil)
        }
    }
}

extension Member {
    /// Stores the current state of this membership in the session store, if sessions can be transferred between nodes.
    func share() {
        guard let shared = self.identity.shared, let channel = self.channel else { return }
        let entry = channel.presence.entry(of: self)
        shared.set(
            channel.name,
            SessionMembership(
                assigns: self.assigns,
                presence: entry?.value,
                key: entry.flatMap { $0.key == self.userId ? nil : $0.key }
            )
        )
    }
}
