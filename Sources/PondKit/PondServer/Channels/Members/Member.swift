import PondCore
import PondRuntime
internal import Synchronization

/// A connection's presence in a channel, at the channel's home loop; also while it joins and leaves.
///
/// All input of a client for a channel goes through `submit`, which handles one piece at a time, in order: while a
/// handler is suspended, later input waits.
/// `@unchecked Sendable`: every variable is touched on the home's loop only; other shards just pass it along.
final class Member: @unchecked Sendable {
    let id: UInt64
    let identity: ConnectionIdentity
    let membership: Membership
    let lobby: LobbyCore
    let home: Shard

    private var machine = MemberMachine()
    /// The channel, while the connection is a member.
    private(set) var channel: Channel?
    /// What the member receives of the channel.
    var reception = MemberReception()
    var assigns: JSONObject { didSet { self.share() } }
    /// The member's place in its channel's list.
    var index = 0
    /// The next member of the same user in this channel.
    var sibling: Member?
    /// What most members never need.
    var extras: MemberExtras?
    var wantsPresenceDeltas = false

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

    /// The presence that the user had on the previous node, while the join after a transfer is handled.
    var presenceElsewhere: (value: JSONObject, key: String?)? { self.extras?.presenceElsewhere }

    func needExtras() -> MemberExtras {
        if let extras = self.extras { return extras }
        let extras = MemberExtras(loopWork: self.home.work)
        self.extras = extras
        return extras
    }

    /// The position that the member joined with, where this node may not have read the history so far.
    var ahead: StreamPosition? {
        get { self.extras?.ahead }
        set { if newValue != nil { self.needExtras().ahead = newValue } else { self.extras?.ahead = nil } }
    }

    /// Whether the member has not received all that the sender of a broadcast has, so that it may lack earlier ones of
    /// that sender.
    func isBehind(_ position: StreamPosition?) -> Bool {
        guard let position, let own = self.ahead else { return false }
        return own.epoch == position.epoch && own.offset < position.offset
    }

    var userId: String { self.identity.userId }
    /// What the lobby's pattern finds in the channel's name.
    var match: RouteMatch { self.channel?.match ?? self.lobby.route.match(self.name) ?? RouteMatch() }
    var name: String { self.membership.name }
    var key: ChannelKey { ChannelKey(endpoint: self.lobby.endpoint.index, name: self.name) }
    var shard: Shard { self.identity.shard }
    var core: ServerCore { self.home.core }
    var options: PondOptions { self.core.options }

    /// Whether the connection is a member of this channel now.
    func isMember(of scope: ChannelScope) -> Bool { self.channel?.scope === scope }

    /// Whether the connection has ended, so that it gets no answer.
    var hasEnded: Bool { self.machine.hasEnded }

    var user: User {
        User(id: self.userId, assigns: self.assigns, presence: self.channel?.presence.entry(of: self)?.value)
    }

    // Order

    /// Takes what the connection sent, in the order it was sent.
    func submit(_ work: MemberWork) {
        switch work {
        case .closed: return self.connectionClosed()
        case .transferred:
            self.machine.transferred()
            self.dropPending()
            self.channel?.remove(self, reason: .connectionClosed, last: nil, isTransferred: true)
            return
        case .join, .message, .leave: break
        }
        guard self.machine.start() else { return self.wait(work) }
        self.perform(work)
        self.drain()
    }

    /// Takes a message, the most frequent kind of input.
    func submit(_ message: consuming InboundMessage) {
        guard self.machine.start() else { return self.wait(.message(message)) }
        self.performMessage(message)
        self.drain()
    }

    /// Performs the waiting work, until a handler suspends.
    private func drain() {
        while self.machine.canStartNext, let work = self.extras?.takePending() {
            self.unfinished(-1)
            self.machine.startNext()
            self.perform(work)
        }
        self.machine.callReturned()
    }

    /// Completes the work that `perform` started: called once for each, also after a handler that suspended.
    func finished() {
        if self.machine.workFinished() { self.drain() }
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
            case .closed, .transferred: self.append(work)
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
        case .closed, .transferred:
            if let removal = self.extras?.removal { self.home.loop.cancel(removal) }
            self.channel?.remove(self, reason: .connectionClosed, last: nil)
            self.finished()
        }
    }

    /// Runs a chain; a chain that may suspend counts towards the connection's `Limits.inFlightRequests`.
    func run<Context>(
        _ chain: HandlerChain<Context>,
        _ context: Context,
        _ kind: HandlerKind,
        holding size: Int,
        _ end: @escaping ((any Error)?) -> Void
    ) {
        let endpoint = self.lobby.endpoint.path
        guard chain.suspends else {
            return self.home.run(chain, context, kind, at: endpoint, in: self.lobby.pattern, end)
        }
        let work = self.home.work
        guard self.identity.unfinished.load(ordering: .relaxed) < self.options.limits.inFlightRequests,
            work.hasRoom(for: size, self.options.limits)
        else {
            return end(PondError.rateLimited("Too many requests are unfinished", retryAfter: 1))
        }
        self.unfinished(1)
        work.total.add(size)
        self.home.run(chain, context, kind, at: endpoint, in: self.lobby.pattern) { error in
            self.unfinished(-1)
            work.total.remove(size)
            end(error)
        }
    }

    /// Makes the connection a member; the acknowledgement is the first frame that it gets from the channel.
    func enter(_ channel: Channel, _ request: JoinRequest) {
        guard self.machine.entered() else { return }
        self.channel = channel
        channel.admit(self, request)
    }

    /// Ends the membership; called by the channel.
    func exit() {
        assert(self.machine.isJoined)
        self.machine.exited()
        self.channel = nil
        self.reception.stop()
    }

    /// Runs what waited until the member had left.
    func isOut() {
        guard let waiting = self.extras?.whenOut, !waiting.isEmpty else { return }
        self.extras?.whenOut = []
        for goOn in waiting { goOn() }
    }

    func report(_ error: any Error, _ place: String) {
        guard !error.isAnswer else { return }
        self.options.log.log(.error, "\(place) failed: \(error)")
    }

    /// Sends a frame to this member alone, in any state.
    func send(_ frame: Frame) {
        guard !self.hasEnded else { return }
        let membership = self.membership
        if self.shard === self.home {
            self.home.send(frame, to: membership)
        } else {
            self.shard.loop.execute { [shard] in shard.send(frame, to: membership) }
        }
    }

    /// Sends a message to this member alone, in any state.
    func send(_ message: ServerMessage) {
        guard self.shard === self.home else { return self.send(message.frame()) }
        if !self.hasEnded { self.home.send(message, to: self.membership) }
    }

    // The end of the connection

    /// Handles what was sent before the end first, for at most `Limits.closeTime`.
    private func connectionClosed() {
        switch self.machine.connectionEnded() {
        case .nothing: return
        case .leave:
            self.dropPending()
            self.channel?.remove(self, reason: .connectionClosed, last: nil)
            return
        case .leaveAfterHandler: break
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
