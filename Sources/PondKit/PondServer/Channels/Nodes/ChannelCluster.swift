import PondCore
import PondRuntime

/// Connects one channel to the other nodes: publishes local changes, and applies remote ones.
///
/// Made with the channel and gone with it.
/// `@unchecked Sendable`: everything is touched on the channel's home loop only.
final class ChannelCluster: @unchecked Sendable {
    private let node: ClusterNode
    private let loop: EventLoop
    private let topic: String
    private let endpointName: String
    private weak var channel: Channel?
    private var machine: ClusterMachine
    private var subscription: PubSubSubscription?
    private var timer: (id: TimerID, due: MonotonicTime)?
    private var questions: [String: (DistributedUser?) -> Void] = [:]

    init(_ channel: Channel, node: ClusterNode) {
        let options = node.options
        self.channel = channel
        self.node = node
        self.loop = channel.home.loop
        let path = channel.lobby.endpoint.path
        self.endpointName = ClusterTopics.endpointName(path)
        self.topic = options.topics.channel(channel.name, endpoint: path)
        self.machine = ClusterMachine(nodeId: options.nodeId, timing: options.timing, limits: options.limits)
        let loop = self.loop
        self.subscription = try? options.pubSub.subscribe(to: self.topic) { [weak self] signal in
            loop.execute { self?.heard(signal) }
        }
    }

    /// The channel is gone.
    func close() {
        if let subscription = self.subscription { self.node.options.pubSub.unsubscribe(subscription) }
        self.subscription = nil
        self.perform(self.machine.closed())
        if let timer = self.timer { self.loop.cancel(timer.id) }
        self.timer = nil
        self.channel = nil
    }

    func count(_ change: (inout ClusterStatistics) -> Void) { self.node.count(change) }

    /// Counts a message of another node that this one does not give to its members.
    func refuse(_ error: PondError) { self.node.refuse(DistributedFault(.tooLarge, error.message)) }

    // MARK: What is known of others

    /// The users of other nodes that are not on this one, too.
    var remoteUsers: [DistributedUser] {
        self.machine.remoteUsers.filter { self.channel?.roster.member(of: $0.id) == nil }
    }

    func remoteUser(_ id: String) -> DistributedUser? { self.machine[id] }

    /// Looks for a user on other nodes; `nil` when none answers in time. Call on the home loop.
    func find(_ id: String, then: @escaping (DistributedUser?) -> Void) {
        let requestId = PondID.uuid()
        switch self.machine.question(id, requestId: requestId, now: self.loop.now) {
        case .known(let user): then(user)
        case .refused: then(nil)
        case .ask(let body):
            self.questions[requestId] = then
            self.publish(body)
            self.schedule()
        }
    }

    // MARK: What happens here

    /// `presence` is what it showed on the node that it comes from, where it does.
    func joined(_ member: Member, presence: (value: JSONObject, key: String?)?) {
        self.perform(self.machine.localJoined(member.userId))
        let user = DistributedUser(
            id: member.userId,
            assigns: member.assigns,
            presence: presence.map { Payload($0.value) },
            presenceKey: presence?.key
        )
        self.publish(.userJoined(user))
    }

    /// A connection of a user left; only the last one is news.
    func left(_ userId: String) {
        guard self.channel?.roster.member(of: userId) == nil else { return }
        self.publish(.userLeft(userId: userId))
    }

    func broadcast(_ event: String, _ payload: Payload, requestId: String, to recipients: Recipients) {
        if case .users(let ids) = recipients, ids.isEmpty { return }
        self.publish(.userMessage(Self.message(event, payload, requestId: requestId, to: recipients)))
    }

    /// What the store of a shared history says to the other nodes when it has a broadcast; `nil` where it is for nobody.
    func announcement(of broadcast: StoredBroadcast, epoch: String) -> SharedBroadcast.Announcement? {
        guard let channel = self.channel else { return nil }
        if case .users(let ids) = broadcast.recipients, ids.isEmpty { return nil }
        let message = Self.message(
            broadcast.event,
            broadcast.payload,
            requestId: broadcast.requestId,
            to: broadcast.recipients
        )
        let (head, tail) = self.node.envelope(.userMessage(message), endpoint: self.endpointName, channel: channel.name)
            .encoded(aroundOffsetOf: epoch)
        return SharedBroadcast.Announcement(topic: self.topic, head: head, tail: tail)
    }

    private static func message(
        _ event: String,
        _ payload: Payload,
        requestId: String,
        to recipients: Recipients
    ) -> DistributedMessage.Broadcast {
        let (from, descriptor): (String, DistributedRecipients) =
            switch recipients {
            case .all: (SystemSender.channel.rawValue, .allUsers)
            case .allExcept(let userId): (userId, .allExceptSender)
            case .users(let ids): (SystemSender.channel.rawValue, .users(ids))
            }
        return DistributedMessage.Broadcast(
            fromUserId: from,
            event: event,
            payload: payload,
            requestId: requestId,
            recipients: descriptor
        )
    }

    /// What is tracked of a connection's user changed, or it left.
    func presenceChanged(of userId: String) {
        guard let channel = self.channel else { return }
        if let (presence, key) = Self.presence(of: userId, in: channel) {
            self.publish(.presenceUpdate(userId: userId, presence: presence, key: key))
        } else {
            self.publish(.presenceRemoved(userId: userId))
        }
    }

    func assigned(_ userId: String, _ assigns: JSONObject) {
        self.publish(.assignsUpdate(userId: userId, change: .replace(assigns)))
    }

    /// Lays members over the assigns of a user of another node, of which this one may not know all, or nothing, yet.
    func assign(_ assigns: JSONObject, to userId: String) {
        var whole = self.machine[userId]?.assigns ?? [:]
        for (key, value) in assigns {
            whole[key] = value
            let change = DistributedMessage.AssignsChange.set(key: key, value: value, whole: whole)
            self.machine.changedAssigns(of: userId, to: change)
            self.publish(.assignsUpdate(userId: userId, change: change))
        }
    }

    /// Shows a user of another node as present; 409 where it is shown already.
    func track(_ userId: String, _ presence: Payload, key: String?) throws(PondError) {
        guard self.machine[userId]?.presence == nil else { throw .presence(409, "The user is tracked already") }
        self.publish(.presenceUpdate(userId: userId, presence: presence, key: key, tracks: true))
        self.perform(self.machine.changedPresence(of: userId, to: presence, key: key))
    }

    /// Changes what is tracked of a user of another node, or with `nil` ends it; 404 where nothing is.
    func setPresence(of userId: String, to presence: Payload?) throws(PondError) {
        guard let user = self.machine[userId], user.presence != nil else {
            throw .presence(404, "The user is not tracked")
        }
        if let presence {
            self.publish(.presenceUpdate(userId: userId, presence: presence, key: user.presenceKey))
        } else {
            self.publish(.presenceRemoved(userId: userId))
        }
        self.perform(self.machine.changedPresence(of: userId, to: presence))
    }

    /// Asks the other nodes to evict a user that is, or may be, there.
    func evict(_ userId: String, reason: String, wasHere: Bool) {
        guard !wasHere || self.machine[userId] != nil else { return }
        self.publish(.evictUser(userId: userId, reason: reason))
        self.perform(self.machine.removed(userId))
    }

    // MARK: What others tell

    func nodeDied(_ node: String) {
        self.perform(self.machine.nodeDied(node, newRequestId: PondID.uuid, now: self.loop.now))
    }

    func nodeLives(_ node: String) { self.perform(self.machine.nodeLives(node, now: self.loop.now)) }

    private func heard(_ signal: PubSubSignal) {
        guard let channel = self.channel else { return }
        switch signal {
        case .subscribed:
            self.perform(self.machine.subscribed(now: self.loop.now))
            channel.history?.subscribed()
        case .interrupted:
            self.machine.interrupted(now: self.loop.now)
        case .message(_, let bytes):
            guard let message = self.node.message(bytes) else { return }
            guard message.channelName == channel.name else {
                return self.node.refuse(DistributedFault(.misplaced, "channelName"))
            }
            self.perform(
                self.machine.received(
                    message,
                    isLocal: { channel.roster.member(of: $0) != nil },
                    newRequestId: PondID.uuid,
                    now: self.loop.now
                )
            )
        }
    }

    private func perform(_ actions: [ClusterAction]) {
        for action in actions { self.perform(action) }
        self.schedule()
    }

    private func perform(_ action: ClusterAction) {
        switch action {
        case .publish(let body): self.publish(body)
        case .publishState: self.publishState()
        case .publishPresence:
            for userId in self.channel?.roster.userIds.sorted() ?? [] { self.presenceChanged(of: userId) }
        case .answer(let userId, let requestId):
            guard let channel = self.channel, let user = Self.user(userId, in: channel) else { return }
            self.publish(.userGetResponse(requestId: requestId, user: user))
        case .deliver(let broadcast, let id): self.channel?.publisher.receive(broadcast, id: id)
        case .presence(let changes): self.channel?.presence.showRemote(changes)
        case .localPresence(let userId, let presence): self.channel?.presence.setLocal(userId, to: presence)
        case .localTrack(let userId, let presence, let key):
            self.channel?.presence.trackLocal(userId, presence, key: key)
        case .localAssigns(let userId, let change):
            let members = self.channel?.roster.members(of: userId) ?? []
            for member in members { member.assigns = change.applied(to: member.assigns) }
            // Whoever changed it did not know all of it, or what was heard meanwhile.
            if case .set(_, _, let whole?) = change, let member = members.first, member.assigns != whole {
                self.assigned(userId, member.assigns)
            }
        case .evict(let userId, let reason): self.channel?.evictLocally(userId, reason: reason)
        case .remove(let userId):
            for member in self.channel?.roster.members(of: userId) ?? [] {
                self.channel?.remove(member, reason: .evicted, last: nil)
            }
        case .found(let requestId, let user): self.questions.removeValue(forKey: requestId)?(user)
        case .watch(let node): self.node.watch(node)
        case .overflow: self.node.count { $0.overflows += 1 }
        }
    }

    private func publishState() {
        guard let channel = self.channel else { return }
        let ids = channel.roster.userIds.sorted()
        let size = max(self.node.options.limits.stateChunk, 1)
        let parts = max((ids.count + size - 1) / size, 1)
        for part in 0..<parts {
            let users = ids[(part * size)..<min((part + 1) * size, ids.count)].compactMap { Self.user($0, in: channel) }
            self.publish(.stateResponse(users, own: DistributedMessage.StatePart(index: part, count: parts)))
        }
    }

    private static func user(_ id: String, in channel: Channel) -> DistributedUser? {
        guard let member = channel.roster.member(of: id) else { return nil }
        let shown = self.presence(of: id, in: channel)
        return DistributedUser(id: id, assigns: member.assigns, presence: shown?.presence, presenceKey: shown?.key)
    }

    /// What a local user shows, and under which key where that is not its own id.
    private static func presence(of userId: String, in channel: Channel) -> (presence: Payload, key: String?)? {
        for member in channel.roster.members(of: userId) {
            guard let entry = channel.presence.entry(of: member) else { continue }
            return (Payload(validated: entry.text), entry.key == userId ? nil : entry.key)
        }
        return nil
    }

    private func publish(_ body: DistributedMessage.Body) {
        guard let channel = self.channel else { return }
        self.node.publish(body, endpoint: self.endpointName, channel: channel.name, to: self.topic)
    }

    private func schedule() {
        let due = self.machine.nextDeadline
        guard due != self.timer?.due else { return }
        if let timer = self.timer { self.loop.cancel(timer.id) }
        self.timer = due.map { due in
            let wait = max(due - self.loop.now, .zero)
            let id = self.loop.schedule(after: wait) { [weak self] in
                guard let self else { return }
                self.timer = nil
                self.perform(self.machine.timeReached(now: self.loop.now, newRequestId: PondID.uuid))
            }
            return (id, due)
        }
    }
}
