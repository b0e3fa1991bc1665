/// One channel's view of its users on other nodes: what arrives on its topic goes in, what to do comes out.
///
/// Arrival order proves nothing: nodes of one runtime publish out of order. Nor does an answer about state prove where
/// a user is: nodes of another repeat what they heard. What is certain is what a node says of its own users' joining
/// and leaving.
struct ClusterMachine: Sendable {
    private enum State: Sendable, Hashable {
        /// The topic is not heard yet. Can become `live` or `closed`.
        case joining
        /// The topic is heard. Can become `apart` or `closed`.
        case live
        /// The topic was heard and is not now; remote users stay as they were. Can become `live` or `closed`.
        case apart(since: MonotonicTime)
        /// The channel is gone. Final.
        case closed
    }

    /// Why another node is asked for a user.
    private enum Question: Sendable, Hashable {
        /// Somebody waits for the answer.
        case asked(userId: String)
        /// The user is tracked no more and may be gone without a word.
        case untracked(userId: String)
        /// Several nodes named the user and one of them is dead; only the node that has the user answers.
        case orphaned(userId: String)
    }

    private struct Departure: Sendable {
        var node: String
        var timestamp: Int64
        var serial: UInt64
    }

    private var state: State = .joining
    private let nodeId: String
    private let timing: ClusterTiming
    private let limits: ClusterLimits
    private var users = RemoteUsers()

    /// Counts the times the topic came to be heard; a user of an older round is unconfirmed.
    private var round: UInt64 = 0
    /// Nodes with unconfirmed users, and whether they were heard since and are given time to name them.
    private var unconfirmed: [String: Bool] = [:]
    private var graces = DeadlineQueue<(node: String, round: UInt64)>()

    private var questions: [String: Question] = [:]
    private var questionDeadlines = DeadlineQueue<String>()
    /// Users whose presence was removed and who may be gone without a word.
    private var doubts: Set<String> = []
    private var doubtDeadlines = DeadlineQueue<String>()

    private var departures: [String: Departure] = [:]
    private var departureDeadlines = DeadlineQueue<(userId: String, serial: UInt64)>()
    private var departureSerial: UInt64 = 0

    private var lastState: MonotonicTime?
    private var stateDue: MonotonicTime?
    /// Nodes that were taken for dead while they had users here.
    private var lostNodes: Set<String> = []

    init(nodeId: String, timing: ClusterTiming = ClusterTiming(), limits: ClusterLimits = .default) {
        self.nodeId = nodeId
        self.timing = timing
        self.limits = limits
    }

    // MARK: What is known

    /// A user of another node.
    subscript(_ userId: String) -> DistributedUser? { self.users[userId]?.user }

    /// The users of all other nodes, in no order.
    var remoteUsers: some Collection<DistributedUser> { self.users.all.lazy.map(\.user) }

    var remoteUserCount: Int { self.users.count }

    var remoteNodes: some Collection<String> { self.users.nodes }

    /// When `timeReached` should be called.
    var nextDeadline: MonotonicTime? {
        [
            self.graces.next, self.questionDeadlines.next, self.doubtDeadlines.next, self.departureDeadlines.next,
            self.stateDue,
        ].compactMap(\.self).min()
    }

    // MARK: The topic

    /// The topic is heard from here on.
    mutating func subscribed(now: MonotonicTime) -> [ClusterAction] {
        let ask = ClusterAction.publish(.stateRequest(fromNode: self.nodeId))
        switch self.state {
        case .closed, .live:
            return []
        case .joining:
            self.state = .live
            return [ask]
        case .apart(let since):
            self.state = .live
            self.round += 1
            self.unconfirmed = Dictionary(uniqueKeysWithValues: self.users.nodes.map { ($0, false) })
            self.lastState = now
            let longAway = now - since >= self.timing.heartbeatTimeout
            return [ask, .publishState] + (longAway ? [.publishPresence] : [])
        }
    }

    /// The topic is not heard any more, until `subscribed`.
    mutating func interrupted(now: MonotonicTime) {
        guard self.state == .live else { return }
        self.state = .apart(since: now)
        self.unconfirmed = [:]
        self.stateDue = nil
        self.doubts = []
    }

    /// The channel is gone; questions that wait get no answer.
    mutating func closed() -> [ClusterAction] {
        self.state = .closed
        let waiting = self.questions
        self.questions = [:]
        return waiting.compactMap { id, question in
            if case .asked = question { .found(requestId: id, user: nil) } else { nil }
        }
    }

    // MARK: Local users

    /// A user joined on this node: it is nobody else's now.
    mutating func localJoined(_ userId: String) -> [ClusterAction] {
        self.departures[userId] = nil
        guard let remote = self.users.remove(userId), let presence = remote.user.presence else { return [] }
        return [.presence([PresenceChange(event: .leave, userId: userId, presence: presence)])]
    }

    /// Looks for a user of another node.
    mutating func question(_ userId: String, requestId: String, now: MonotonicTime) -> UserQuestion {
        if let remote = self.users[userId] { return .known(remote.user) }
        guard self.state == .live, self.questions.count < self.limits.pendingQuestions else { return .refused }
        return .ask(self.ask(.asked(userId: userId), requestId: requestId, now: now))
    }

    private mutating func ask(
        _ question: Question,
        requestId: String,
        now: MonotonicTime
    ) -> DistributedMessage.Body {
        self.questions[requestId] = question
        self.questionDeadlines.append(requestId, due: now + self.timing.userGetTimeout)
        switch question {
        case .asked(let userId), .untracked(let userId), .orphaned(let userId):
            return .userGetRequest(userId: userId, requestId: requestId, fromNode: self.nodeId)
        }
    }

    /// This node itself changed the assigns of a remote user.
    mutating func changedAssigns(of userId: String, to change: DistributedMessage.AssignsChange) {
        guard var remote = self.users[userId] else { return }
        remote.user.assigns = change.applied(to: remote.user.assigns)
        _ = self.users.put(remote)
    }

    /// This node itself changed what is tracked of a remote user.
    mutating func changedPresence(of userId: String, to presence: Payload?) {
        guard var remote = self.users[userId] else { return }
        remote.user.presence = presence
        remote.presenceNode = self.nodeId
        _ = self.users.put(remote)
    }

    // MARK: Other nodes

    /// A node fell silent for too long.
    mutating func nodeDied(_ node: String, newRequestId: () -> String, now: MonotonicTime) -> [ClusterAction] {
        let ids = self.users.ids(at: node)
        guard !ids.isEmpty else { return [] }
        if self.lostNodes.count < self.limits.nodes { self.lostNodes.insert(node) }
        self.unconfirmed[node] = nil
        var dropped: [String] = []
        var questions: [ClusterAction] = []
        for id in ids.sorted() {
            if self.isSharedClaim(id), self.state == .live, self.questions.count < self.limits.pendingQuestions {
                let question = self.ask(.orphaned(userId: id), requestId: newRequestId(), now: now)
                questions.append(.publish(question))
            } else {
                dropped.append(id)
            }
        }
        return self.drop(dropped) + questions
    }

    private func isSharedClaim(_ userId: String) -> Bool {
        guard case .claimed(let nodes)? = self.users[userId]?.home else { return false }
        return nodes.count > 1
    }

    /// A node said that it lives, for the first time since it was lost or the topic was.
    mutating func nodeLives(_ node: String, now: MonotonicTime) -> [ClusterAction] {
        guard self.state == .live else { return [] }
        let wasLost = self.lostNodes.remove(node) != nil
        guard wasLost || self.unconfirmed[node] == false else { return [] }
        // It may have been away when all were asked; now it hears.
        self.expectState(of: node, now: now)
        return [.publish(.stateRequest(fromNode: self.nodeId))]
    }

    private mutating func expectState(of node: String, now: MonotonicTime) {
        guard self.unconfirmed[node] == false else { return }
        self.unconfirmed[node] = true
        self.graces.append((node, self.round), due: now + self.timing.stateGrace)
    }

    // MARK: Messages

    /// A message arrived on the topic; `isLocal` knows whether a user is a member on this node.
    mutating func received(
        _ message: DistributedMessage,
        isLocal: (String) -> Bool,
        newRequestId: () -> String,
        now: MonotonicTime
    ) -> [ClusterAction] {
        guard self.state == .live, message.sourceNodeId != self.nodeId else { return [] }
        let source = Source(node: message.sourceNodeId, timestamp: message.timestamp)
        switch message.body {
        case .stateRequest:
            return self.stateRequested(now: now)
        case .stateResponse(let users):
            return self.stateGiven(users, by: source, isLocal: isLocal, now: now)
        case .userJoined(let user):
            return isLocal(user.id) ? [] : self.joined(user, at: source)
        case .userLeft(let userId):
            return isLocal(userId) ? [] : self.left(userId, from: source, now: now)
        case .userMessage(var broadcast):
            if broadcast.requestId.isEmpty { broadcast.requestId = newRequestId() }
            return [.deliver(broadcast)]
        case .presenceUpdate(let userId, let presence):
            if isLocal(userId) { return [.localPresence(userId: userId, presence: presence)] }
            return self.presenceUpdated(userId, presence, by: source)
        case .presenceRemoved(let userId):
            if isLocal(userId) { return [.localPresence(userId: userId, presence: nil)] }
            return self.presenceRemoved(userId, by: source, now: now)
        case .assignsUpdate(let userId, let change):
            if isLocal(userId) { return [.localAssigns(userId: userId, change: change)] }
            self.changedAssigns(of: userId, to: change)
            return []
        case .evictUser(let userId, let reason):
            return isLocal(userId) ? [.evict(userId: userId, reason: reason)] : []
        case .userRemove(let userId):
            return isLocal(userId) ? [.remove(userId: userId)] : []
        case .userGetRequest(let userId, let requestId, _):
            return isLocal(userId) ? [.answer(userId: userId, requestId: requestId)] : []
        case .userGetResponse(let requestId, let user):
            return self.answered(requestId, user, by: source)
        case .nodeHeartbeat:
            return []
        }
    }

    private struct Source {
        var node: String
        var timestamp: Int64
    }

    private mutating func stateRequested(now: MonotonicTime) -> [ClusterAction] {
        // Many nodes may ask at once, and one answer is heard by all of them.
        if let lastState, now - lastState < self.timing.stateInterval {
            if self.stateDue == nil { self.stateDue = lastState + self.timing.stateInterval }
            return []
        }
        self.lastState = now
        return [.publishState]
    }

    private mutating func stateGiven(
        _ users: [DistributedUser],
        by source: Source,
        isLocal: (String) -> Bool,
        now: MonotonicTime
    ) -> [ClusterAction] {
        self.expectState(of: source.node, now: now)
        var actions: [ClusterAction] = []
        var changes: [PresenceChange] = []
        for user in users where !isLocal(user.id) && !self.isLate(user.id, source, atOnce: true) {
            guard var remote = self.users[user.id] else {
                let home = RemoteUser.Home.claimed(by: [source.node])
                guard self.insert(user, home: home, by: source, into: &actions) else { continue }
                if let presence = user.presence {
                    changes.append(PresenceChange(event: .join, userId: user.id, presence: presence))
                }
                continue
            }
            if case .claimed(let nodes) = remote.home, nodes.count < 16 {
                remote.home = .claimed(by: nodes.union([source.node]))
            }
            if remote.round != self.round, remote.isAt(source.node) {
                // Not heard of since the interruption: what it says now is news.
                let change = PresenceChange.between(remote.user.presence, user.presence, of: user.id)
                remote.user = user
                remote.presenceNode = source.node
                remote.round = self.round
                if let change { changes.append(change) }
            }
            self.put(remote, into: &actions)
        }
        if !changes.isEmpty { actions.append(.presence(changes)) }
        return actions
    }

    private mutating func joined(_ user: DistributedUser, at source: Source) -> [ClusterAction] {
        if self.isLate(user.id, source, atOnce: false) { return [] }
        self.departures[user.id] = nil
        self.doubts.remove(user.id)
        var actions: [ClusterAction] = []
        guard var remote = self.users[user.id] else {
            let home = RemoteUser.Home.certain(source.node, before: nil)
            guard self.insert(user, home: home, by: source, since: source.timestamp, into: &actions) else {
                return actions
            }
            if let presence = user.presence {
                actions.append(.presence([PresenceChange(event: .join, userId: user.id, presence: presence)]))
            }
            return actions
        }
        switch remote.home {
        case .certain(let node, _) where node != source.node:
            remote.home = .certain(source.node, before: node)
        case .certain: break
        case .claimed: remote.home = .certain(source.node, before: nil)
        }
        remote.round = self.round
        remote.since = source.timestamp
        remote.user.assigns = user.assigns
        if let presence = user.presence {
            let change = PresenceChange.between(remote.user.presence, presence, of: user.id)
            remote.user.presence = presence
            remote.presenceNode = source.node
            if let change { actions.append(.presence([change])) }
        }
        self.put(remote, into: &actions)
        return actions
    }

    private mutating func left(_ userId: String, from source: Source, now: MonotonicTime) -> [ClusterAction] {
        guard let remote = self.users[userId] else {
            self.remember(userId, left: source, now: now)
            return []
        }
        if case .certain(let home, _) = remote.home, home != source.node {
            guard remote.presenceNode == source.node else { return [] }
            return self.forgetPresence(remote)
        }
        self.remember(userId, left: source, now: now)
        // The goodbye of an earlier stay, overtaken by the next joining.
        if source.timestamp < remote.since, source.timestamp > 0 { return [] }
        return self.drop([userId])
    }

    private mutating func presenceUpdated(
        _ userId: String,
        _ presence: Payload,
        by source: Source
    ) -> [ClusterAction] {
        if self.isLate(userId, source, atOnce: true) { return [] }
        var actions: [ClusterAction] = []
        guard var remote = self.users[userId] else {
            let user = DistributedUser(id: userId, presence: presence)
            guard self.insert(user, home: .claimed(by: [source.node]), by: source, into: &actions) else {
                return actions
            }
            return actions + [.presence([PresenceChange(event: .join, userId: userId, presence: presence)])]
        }
        if remote.hasMoved(from: source.node) { return [] }
        let event: PresenceEvent = remote.user.presence == nil ? .join : .update
        remote.user.presence = presence
        remote.presenceNode = source.node
        if remote.isAt(source.node) { remote.round = self.round }
        self.doubts.remove(userId)
        self.put(remote, into: &actions)
        return actions + [.presence([PresenceChange(event: event, userId: userId, presence: presence)])]
    }

    private mutating func presenceRemoved(
        _ userId: String,
        by source: Source,
        now: MonotonicTime
    ) -> [ClusterAction] {
        guard let remote = self.users[userId] else { return [] }
        if remote.hasMoved(from: source.node), remote.presenceNode != source.node { return [] }
        if self.doubts.insert(userId).inserted {
            self.doubtDeadlines.append(userId, due: now + self.timing.userGetTimeout)
        }
        return self.forgetPresence(remote)
    }

    private mutating func answered(
        _ requestId: String,
        _ user: DistributedUser,
        by source: Source
    ) -> [ClusterAction] {
        switch self.questions[requestId] {
        case .asked(user.id)?:
            self.questions[requestId] = nil
            return [.found(requestId: requestId, user: user)]
        case .untracked(user.id)?:
            self.questions[requestId] = nil
            self.doubts.remove(user.id)
            return []
        case .orphaned(user.id)?:
            self.questions[requestId] = nil
            var actions: [ClusterAction] = []
            if var remote = self.users[user.id], case .claimed = remote.home {
                remote.home = .certain(source.node, before: nil)
                self.put(remote, into: &actions)
            }
            return actions
        default:
            return []
        }
    }

    // MARK: Time

    /// A deadline may have come.
    mutating func timeReached(now: MonotonicTime, newRequestId: () -> String) -> [ClusterAction] {
        var actions: [ClusterAction] = []
        while let (userId, serial) = self.departureDeadlines.popDue(now: now) {
            if self.departures[userId]?.serial == serial { self.departures[userId] = nil }
        }
        while let requestId = self.questionDeadlines.popDue(now: now) {
            guard let question = self.questions.removeValue(forKey: requestId) else { continue }
            actions += self.unanswered(question, requestId: requestId)
        }
        while let userId = self.doubtDeadlines.popDue(now: now) {
            guard self.doubts.contains(userId) else { continue }
            guard self.state == .live, let remote = self.users[userId], remote.user.presence == nil,
                self.questions.count < self.limits.pendingQuestions
            else {
                self.doubts.remove(userId)
                continue
            }
            let question = self.ask(.untracked(userId: userId), requestId: newRequestId(), now: now)
            actions.append(.publish(question))
        }
        while let (node, round) = self.graces.popDue(now: now) {
            guard self.state == .live, round == self.round, self.unconfirmed.removeValue(forKey: node) != nil else {
                continue
            }
            let silent = self.users.ids(at: node).filter { self.users[$0]?.round != self.round }
            actions += self.drop(silent.sorted())
        }
        if let stateDue, stateDue <= now {
            self.stateDue = nil
            self.lastState = now
            actions.append(.publishState)
        }
        return actions
    }

    private mutating func unanswered(_ question: Question, requestId: String) -> [ClusterAction] {
        switch question {
        case .asked:
            return [.found(requestId: requestId, user: nil)]
        case .untracked(let userId):
            let stillDoubted = self.doubts.remove(userId) != nil
            guard stillDoubted, self.state == .live, self.users[userId]?.user.presence == nil else { return [] }
            return self.drop([userId])
        case .orphaned(let userId):
            return self.isSharedClaim(userId) ? self.drop([userId]) : []
        }
    }

    // MARK: The table

    private mutating func insert(
        _ user: DistributedUser,
        home: RemoteUser.Home,
        by source: Source,
        since: Int64 = 0,
        into actions: inout [ClusterAction]
    ) -> Bool {
        guard self.users.count < self.limits.remoteUsers else {
            actions.append(.overflow)
            return false
        }
        self.put(
            RemoteUser(user: user, home: home, presenceNode: source.node, round: self.round, since: since),
            into: &actions
        )
        return true
    }

    private mutating func put(_ remote: RemoteUser, into actions: inout [ClusterAction]) {
        for node in self.users.put(remote).sorted() { actions.append(.watch(node: node)) }
    }

    private mutating func drop(_ ids: [String]) -> [ClusterAction] {
        var changes: [PresenceChange] = []
        for id in ids {
            self.doubts.remove(id)
            guard let remote = self.users.remove(id), let presence = remote.user.presence else { continue }
            changes.append(PresenceChange(event: .leave, userId: id, presence: presence))
        }
        return changes.isEmpty ? [] : [.presence(changes)]
    }

    private mutating func forgetPresence(_ remote: RemoteUser) -> [ClusterAction] {
        guard let presence = remote.user.presence else { return [] }
        var remote = remote
        remote.user.presence = nil
        _ = self.users.put(remote)
        return [.presence([PresenceChange(event: .leave, userId: remote.user.id, presence: presence)])]
    }

    private mutating func remember(_ userId: String, left source: Source, now: MonotonicTime) {
        guard source.timestamp > 0,
            self.departures[userId] != nil || self.departures.count < self.limits.departures
        else { return }
        self.departureSerial += 1
        let earlier = self.departures[userId].flatMap { $0.node == source.node ? $0.timestamp : nil } ?? 0
        self.departures[userId] = Departure(
            node: source.node,
            timestamp: max(source.timestamp, earlier),
            serial: self.departureSerial
        )
        self.departureDeadlines.append((userId, self.departureSerial), due: now + self.timing.departureMemory)
    }

    /// Whether a message was published before the departure that has already been heard.
    private func isLate(_ userId: String, _ source: Source, atOnce: Bool) -> Bool {
        guard let departure = self.departures[userId], departure.node == source.node else { return false }
        return atOnce ? source.timestamp <= departure.timestamp : source.timestamp < departure.timestamp
    }
}

extension PresenceChange {
    /// The change from one value to another; `nil` when there is none.
    static func between(_ old: Payload?, _ new: Payload?, of userId: String) -> PresenceChange? {
        switch (old, new) {
        case (nil, nil): nil
        case (nil, let new?): PresenceChange(event: .join, userId: userId, presence: new)
        case (let old?, nil): PresenceChange(event: .leave, userId: userId, presence: old)
        case (let old?, let new?): old == new ? nil : PresenceChange(event: .update, userId: userId, presence: new)
        }
    }
}

extension DistributedMessage.AssignsChange {
    /// The assigns after the change.
    func applied(to assigns: JSONObject) -> JSONObject {
        switch self {
        case .replace(let replacement): return replacement
        case .set(let key, let value):
            var changed = assigns
            changed[key] = value
            return changed
        }
    }
}
