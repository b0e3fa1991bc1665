import PondCore

/// One channel's view of its users on other nodes: what arrives on its topic goes in, what to do comes out.
///
/// Arrival order proves nothing: nodes of one runtime publish out of order. Nor does an answer about state prove where
/// a user is: nodes of another repeat what they heard. What is certain is what a node says of its own users.
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

    private struct Naming: Sendable {
        var started: Int64
        var next = 0
        var ids: Set<String> = []
    }

    /// Who sent a message, and when by its own clock.
    private struct Source {
        var node: String
        var timestamp: Int64
    }

    private var state: State = .joining
    private let nodeId: String
    private let timing: ClusterTiming
    private let limits: ClusterLimits
    private var users = RemoteUsers()
    private var nextOwner: UInt64 = 1

    /// Counts the times the topic came to be heard; a stay of an older round is unconfirmed.
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
    /// Answers about state of which the last part has not come.
    private var namings: [String: Naming] = [:]
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

    /// The users of all other nodes, each once, in no order.
    var remoteUsers: some Sequence<DistributedUser> { self.users.all.lazy.compactMap(\.user) }

    var remoteUserCount: Int { self.users.count }

    var remoteNodes: some Collection<String> { self.users.nodes }

    /// What is kept of other nodes' words beside their users: it is bounded, too.
    var keptCount: Int {
        self.departureDeadlines.count + self.doubtDeadlines.count + self.questionDeadlines.count + self.graces.count
            + self.namings.values.reduce(0) { $0 + $1.ids.count }
    }

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
            // A node that began to listen after this one's USER_JOINED, and asked before this one listens, knows nothing.
            return [ask, .publishState]
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
        self.namings = [:]
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

    // MARK: This node

    /// A user joined on this node: what others only claim of it is not so.
    mutating func localJoined(_ userId: String) -> [ClusterAction] {
        self.users[userId]?.claim == nil ? [] : self.drop([userId]) { $0.claim = nil }
    }

    /// Looks for a user of another node.
    mutating func question(_ userId: String, requestId: String, now: MonotonicTime) -> UserQuestion {
        if let user = self.users[userId]?.user { return .known(user) }
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
        remote.changeAll { $0.user.assigns = change.applied(to: $0.user.assigns) }
        _ = self.users.set(userId, remote)
    }

    /// This node itself changed what is tracked of a remote user; `key` is what it is shown under where it was not shown.
    mutating func changedPresence(of userId: String, to presence: Payload?, key: String? = nil) -> [ClusterAction] {
        guard var remote = self.users[userId] else { return [] }
        remote.changeAll { if $0.user.presence == nil { $0.user.presenceKey = key } }
        return self.setPresence(of: userId, remote, at: nil, to: presence)
    }

    // MARK: Other nodes

    /// A node fell silent for too long.
    mutating func nodeDied(_ node: String, newRequestId: () -> String, now: MonotonicTime) -> [ClusterAction] {
        let ids = self.users.ids(at: node)
        guard !ids.isEmpty else { return [] }
        if self.lostNodes.count < self.limits.nodes { self.lostNodes.insert(node) }
        self.unconfirmed[node] = nil
        self.namings[node] = nil
        var dropped: [String] = []
        var questions: [ClusterAction] = []
        for id in ids {
            if self.isSharedClaim(id), self.state == .live, self.questions.count < self.limits.pendingQuestions {
                questions.append(.publish(self.ask(.orphaned(userId: id), requestId: newRequestId(), now: now)))
            } else {
                dropped.append(id)
            }
        }
        let changes = self.drop(dropped) { remote in
            remote.stays[node] = nil
            if remote.claim?.nodes.contains(node) == true { remote.claim = nil }
        }
        return changes + questions
    }

    private func isSharedClaim(_ userId: String) -> Bool {
        self.users[userId]?.claim.map { $0.nodes.count > 1 } ?? false
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
        case .stateResponse(let users, let own):
            return self.stateGiven(users, own: own, by: source, isLocal: isLocal, now: now)
        case .userJoined(let user):
            return self.joined(user, at: source)
        case .userLeft(let userId):
            return self.left(userId, from: source, now: now)
        case .userMessage(var broadcast):
            if broadcast.requestId.isEmpty { broadcast.requestId = newRequestId() }
            return [.deliver(broadcast, id: message.messageId)]
        case .presenceUpdate(let userId, _, _, true) where !isLocal(userId) && self.users[userId] == nil:
            // The node that the user is on will say so itself.
            return []
        case .presenceUpdate(let userId, let presence, let key, let tracks):
            let told = self.presenceUpdated(userId, presence, key, by: source, isLocal: isLocal(userId))
            guard tracks, isLocal(userId) else { return told }
            let track = ClusterAction.localTrack(userId: userId, presence: presence, key: key ?? userId)
            return told.map { if case .localPresence = $0 { track } else { $0 } }
        case .presenceRemoved(let userId):
            return self.presenceRemoved(userId, by: source, isLocal: isLocal(userId), now: now)
        case .assignsUpdate(let userId, let change):
            return self.assignsUpdated(userId, change, by: source, isLocal: isLocal(userId))
        case .evictUser(let userId, let reason):
            let local: [ClusterAction] = isLocal(userId) ? [.evict(userId: userId, reason: reason)] : []
            return local + self.removed(userId, by: source, now: now)
        case .userRemove(let userId):
            let local: [ClusterAction] = isLocal(userId) ? [.remove(userId: userId)] : []
            return local + self.removed(userId, by: source, now: now)
        case .userGetRequest(let userId, let requestId, _):
            return isLocal(userId) ? [.answer(userId: userId, requestId: requestId)] : []
        case .userGetResponse(let requestId, let user):
            return self.answered(requestId, user, by: source)
        case .nodeHeartbeat:
            return []
        }
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
        own part: DistributedMessage.StatePart?,
        by source: Source,
        isLocal: (String) -> Bool,
        now: MonotonicTime
    ) -> [ClusterAction] {
        self.expectState(of: source.node, now: now)
        var actions: [ClusterAction] = []
        var changes: [PresenceChange] = []
        for user in users where !self.isLate(user.id, source, atOnce: true) {
            var remote = self.users[user.id] ?? RemoteUser()
            let isCertain = part != nil || remote.stays[source.node] != nil
            // Hearsay counts only where nothing is certain.
            if !isCertain, !remote.stays.isEmpty || isLocal(user.id) { continue }
            let isNew = isCertain ? remote.stays[source.node] == nil : remote.claim == nil
            guard !isNew || self.hasRoom else {
                actions.append(.overflow)
                continue
            }
            if isCertain {
                self.confirm(user, at: source, &remote, &changes)
            } else {
                self.claim(user, by: source, &remote, &changes)
            }
            self.put(user.id, remote, into: &actions)
        }
        if let part { changes += self.unnamed(users, part, by: source) }
        return self.adding(changes, to: actions)
    }

    /// A node has named all its users: those it did not name are gone, though their goodbye never came.
    private mutating func unnamed(
        _ users: [DistributedUser],
        _ part: DistributedMessage.StatePart,
        by source: Source
    ) -> [PresenceChange] {
        var naming = part.index == 0 ? Naming(started: source.timestamp) : self.namings[source.node]
        self.namings[source.node] = nil
        guard naming?.next == part.index, part.isComplete else { return [] }
        naming?.next += 1
        naming?.ids.formUnion(users.map(\.id))
        guard let naming, naming.ids.count <= self.limits.remoteUsers else { return [] }
        guard naming.next == part.count else {
            // A node that never comes to an end must not make others' answers be remembered for ever.
            let named = self.namings.values.reduce(naming.ids.count) { $0 + $1.ids.count }
            if self.namings.count < self.limits.nodes, named <= self.limits.remoteUsers {
                self.namings[source.node] = naming
            }
            return []
        }
        let gone = self.users.ids(at: source.node).filter { id in
            guard let stay = self.users[id]?.stays[source.node] else { return false }
            return !naming.ids.contains(id) && stay.since <= naming.started
        }
        return self.dropped(gone) { $0.stays[source.node] = nil }
    }

    /// A node says of a user of its own how it is now.
    private mutating func confirm(
        _ user: DistributedUser,
        at source: Source,
        _ remote: inout RemoteUser,
        _ changes: inout [PresenceChange]
    ) {
        guard var stay = remote.stays[source.node] else {
            remote.stays[source.node] = self.newStay(user, in: &changes)
            self.dropClaim(of: &remote, in: &changes)
            return
        }
        // What was heard since the last exchange is newer than the answer.
        guard stay.round != self.round else { return }
        stay.round = self.round
        if stay.user.presence != user.presence { changes.append(stay.change(to: user.presence)) }
        stay.user = user
        remote.stays[source.node] = stay
    }

    /// A node says of a user, perhaps of another node, how it is now.
    private mutating func claim(
        _ user: DistributedUser,
        by source: Source,
        _ remote: inout RemoteUser,
        _ changes: inout [PresenceChange]
    ) {
        guard var claim = remote.claim else {
            remote.claim = RemoteUser.Claim(stay: self.newStay(user, in: &changes), nodes: [source.node])
            return
        }
        if claim.nodes.count < 16 { claim.nodes.insert(source.node) }
        if claim.stay.round != self.round {
            claim.stay.round = self.round
            if claim.stay.user.presence != user.presence { changes.append(claim.stay.change(to: user.presence)) }
            claim.stay.user = user
        }
        remote.claim = claim
    }

    private mutating func joined(_ user: DistributedUser, at source: Source) -> [ClusterAction] {
        if self.isLate(user.id, source, atOnce: false) { return [] }
        self.departures[user.id] = nil
        self.doubts.remove(user.id)
        var remote = self.users[user.id] ?? RemoteUser()
        var changes: [PresenceChange] = []
        var known = remote.stays[source.node]
        if known == nil, let claim = remote.claim, claim.nodes.contains(source.node) {
            known = claim.stay
            remote.claim = nil
        }
        if var stay = known {
            stay.round = self.round
            stay.since = source.timestamp
            stay.user.assigns = user.assigns
            if let presence = user.presence, presence != stay.user.presence {
                stay.user.presence = presence
                changes.append(stay.change(to: presence))
            }
            remote.stays[source.node] = stay
        } else {
            guard self.hasRoom else { return [.overflow] }
            remote.stays[source.node] = self.newStay(user, since: source.timestamp, in: &changes)
        }
        self.dropClaim(of: &remote, in: &changes)
        var actions: [ClusterAction] = []
        self.put(user.id, remote, into: &actions)
        return self.adding(changes, to: actions)
    }

    private mutating func left(_ userId: String, from source: Source, now: MonotonicTime) -> [ClusterAction] {
        self.remember(userId, left: source, now: now)
        guard let remote = self.users[userId] else { return [] }
        if let stay = remote.stays[source.node] {
            // The goodbye of an earlier stay, overtaken by the next joining.
            if source.timestamp < stay.since, source.timestamp > 0 { return [] }
            return self.drop([userId]) { $0.stays[source.node] = nil }
        }
        return remote.claim == nil ? [] : self.drop([userId]) { $0.claim = nil }
    }

    /// A node removed a user from the channel on every node. JavaScript nodes publish no USER_LEFT for that.
    private mutating func removed(_ userId: String, by source: Source, now: MonotonicTime) -> [ClusterAction] {
        let stay = self.users[userId]?.stays[source.node]
        if let stay, source.timestamp > 0, source.timestamp < stay.since {
            // The removal of an earlier stay at this node, overtaken by the next USER_JOINED.
            return self.drop([userId]) { remote in
                remote.stays = remote.stays.filter { $0.key == source.node }
                remote.claim = nil
            }
        }
        if stay != nil || self.users[userId]?.claim?.nodes.contains(source.node) == true {
            self.remember(userId, left: source, now: now)
        }
        return self.removed(userId)
    }

    /// A user was removed from the channel on every node: by this node, where nobody else is named.
    mutating func removed(_ userId: String) -> [ClusterAction] { self.drop([userId]) { $0 = RemoteUser() } }

    private mutating func presenceUpdated(
        _ userId: String,
        _ presence: Payload,
        _ key: String?,
        by source: Source,
        isLocal: Bool
    ) -> [ClusterAction] {
        if self.isLate(userId, source, atOnce: true) { return [] }
        self.doubts.remove(userId)
        var actions: [ClusterAction] = []
        guard var remote = self.users[userId] else {
            if isLocal { return [.localPresence(userId: userId, presence: presence)] }
            guard self.hasRoom else { return [.overflow] }
            var changes: [PresenceChange] = []
            let user = DistributedUser(id: userId, presence: presence, presenceKey: key)
            let claim = RemoteUser.Claim(stay: self.newStay(user, in: &changes), nodes: [source.node])
            self.put(userId, RemoteUser(claim: claim), into: &actions)
            return self.adding(changes, to: actions)
        }
        if var stay = remote.stays[source.node] {
            stay.round = self.round
            if stay.user.presence == nil { stay.user.presenceKey = key }
            remote.stays[source.node] = stay
            return self.setPresence(of: userId, remote, at: source.node, to: presence)
        }
        if remote.claim?.nodes.contains(source.node) == true { remote.claim?.stay.round = self.round }
        remote.changeAll { if $0.user.presence == nil { $0.user.presenceKey = key } }
        if isLocal { actions.append(.localPresence(userId: userId, presence: presence)) }
        return actions + self.setPresence(of: userId, remote, at: nil, to: presence)
    }

    private mutating func presenceRemoved(
        _ userId: String,
        by source: Source,
        isLocal: Bool,
        now: MonotonicTime
    ) -> [ClusterAction] {
        if self.isLate(userId, source, atOnce: true) { return [] }
        guard let remote = self.users[userId] else {
            return isLocal ? [.localPresence(userId: userId, presence: nil)] : []
        }
        // One whose presence comes and goes is asked for once in a while only.
        if self.doubtDeadlines.count < self.limits.remoteUsers, self.doubts.insert(userId).inserted {
            self.doubtDeadlines.append(userId, due: now + self.timing.userGetTimeout)
        }
        if remote.stays[source.node] != nil {
            return self.setPresence(of: userId, remote, at: source.node, to: nil)
        }
        let local: [ClusterAction] = isLocal ? [.localPresence(userId: userId, presence: nil)] : []
        return local + self.setPresence(of: userId, remote, at: nil, to: nil)
    }

    private mutating func assignsUpdated(
        _ userId: String,
        _ change: DistributedMessage.AssignsChange,
        by source: Source,
        isLocal: Bool
    ) -> [ClusterAction] {
        guard var remote = self.users[userId], var stay = remote.stays[source.node] else {
            self.changedAssigns(of: userId, to: change)
            return isLocal ? [.localAssigns(userId: userId, change: change)] : []
        }
        stay.user.assigns = change.applied(to: stay.user.assigns)
        remote.stays[source.node] = stay
        _ = self.users.set(userId, remote)
        return []
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
            if let remote = self.users[user.id], let claim = remote.claim {
                self.put(user.id, RemoteUser(stays: [source.node: claim.stay]), into: &actions)
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
            guard self.state == .live, self.isUntracked(userId), self.questions.count < self.limits.pendingQuestions
            else {
                self.doubts.remove(userId)
                continue
            }
            actions.append(.publish(self.ask(.untracked(userId: userId), requestId: newRequestId(), now: now)))
        }
        while let (node, round) = self.graces.popDue(now: now) {
            guard self.state == .live, round == self.round, self.unconfirmed.removeValue(forKey: node) != nil else {
                continue
            }
            actions += self.drop(self.users.ids(at: node)) { remote in
                if let stay = remote.stays[node], stay.round != round { remote.stays[node] = nil }
                if let claim = remote.claim, claim.nodes.contains(node), claim.stay.round != round {
                    remote.claim = nil
                }
            }
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
            guard stillDoubted, self.state == .live, self.isUntracked(userId) else { return [] }
            return self.drop([userId]) { $0 = RemoteUser() }
        case .orphaned(let userId):
            return self.isSharedClaim(userId) ? self.drop([userId]) { $0.claim = nil } : []
        }
    }

    /// Whether a user is known, but nothing is tracked of any of its stays.
    private func isUntracked(_ userId: String) -> Bool {
        guard let remote = self.users[userId] else { return false }
        return remote.claim?.stay.user.presence == nil && remote.stays.values.allSatisfy { $0.user.presence == nil }
    }

    // MARK: The table

    private var hasRoom: Bool { self.users.stayCount < self.limits.remoteUsers }

    private mutating func newStay(
        _ user: DistributedUser,
        since: Int64 = 0,
        in changes: inout [PresenceChange]
    ) -> RemoteUser.Stay {
        let stay = RemoteUser.Stay(
            owner: RemoteOwner(number: self.nextOwner),
            user: user,
            round: self.round,
            since: since
        )
        self.nextOwner += 1
        if user.presence != nil { changes.append(stay.change(to: user.presence)) }
        return stay
    }

    private func dropClaim(of remote: inout RemoteUser, in changes: inout [PresenceChange]) {
        guard let claim = remote.claim else { return }
        remote.claim = nil
        if claim.stay.user.presence != nil { changes.append(claim.stay.change(to: nil)) }
    }

    private mutating func put(_ userId: String, _ remote: RemoteUser, into actions: inout [ClusterAction]) {
        for node in self.users.set(userId, remote) { actions.append(.watch(node: node)) }
    }

    /// Takes stays or claims away from users, and what is tracked of them.
    private mutating func drop(_ ids: [String], _ change: (inout RemoteUser) -> Void) -> [ClusterAction] {
        self.adding(self.dropped(ids, change), to: [])
    }

    private mutating func dropped(_ ids: [String], _ change: (inout RemoteUser) -> Void) -> [PresenceChange] {
        var changes: [PresenceChange] = []
        for id in ids {
            guard let before = self.users[id] else { continue }
            var after = before
            change(&after)
            let kept = after.owners
            for stay in before.all where !kept.contains(stay.owner) && stay.user.presence != nil {
                changes.append(stay.change(to: nil))
            }
            _ = self.users.set(id, after)
            if self.users[id] == nil { self.doubts.remove(id) }
        }
        return changes
    }

    /// Changes what is tracked of one stay of a user, or of all that anything is tracked of.
    private mutating func setPresence(
        of userId: String,
        _ remote: RemoteUser,
        at node: String?,
        to presence: Payload?
    ) -> [ClusterAction] {
        var remote = remote
        var changes: [PresenceChange] = []
        let set = { (stay: inout RemoteUser.Stay) in
            if presence == nil, stay.user.presence == nil { return }
            stay.user.presence = presence
            changes.append(stay.change(to: presence))
        }
        if let node {
            if var stay = remote.stays[node] {
                set(&stay)
                remote.stays[node] = stay
            }
        } else {
            remote.changeAll(set)
        }
        _ = self.users.set(userId, remote)
        return self.adding(changes, to: [])
    }

    private func adding(_ changes: [PresenceChange], to actions: [ClusterAction]) -> [ClusterAction] {
        changes.isEmpty ? actions : actions + [.presence(changes)]
    }

    private mutating func remember(_ userId: String, left source: Source, now: MonotonicTime) {
        guard source.timestamp > 0,
            self.departures[userId] != nil || self.departures.count < self.limits.departures,
            // Of one that comes and goes without end, not every going is remembered.
            self.departureDeadlines.count < 2 * self.limits.departures
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

extension RemoteUser {
    /// The stays, certain and claimed.
    fileprivate var all: [Stay] {
        self.stays.sorted { $0.key < $1.key }.map(\.value) + (self.claim.map { [$0.stay] } ?? [])
    }

    fileprivate var owners: Set<RemoteOwner> { Set(self.all.map(\.owner)) }

    fileprivate mutating func changeAll(_ change: (inout Stay) -> Void) {
        for node in self.stays.keys.sorted() {
            guard var stay = self.stays[node] else { continue }
            change(&stay)
            self.stays[node] = stay
        }
        if var claim = self.claim {
            change(&claim.stay)
            self.claim = claim
        }
    }
}

extension RemoteUser.Stay {
    fileprivate func change(to presence: Payload?) -> PresenceChange {
        PresenceChange(owner: self.owner, key: self.user.presenceKey ?? self.user.id, presence: presence)
    }
}

extension DistributedMessage.AssignsChange {
    /// The assigns after the change.
    func applied(to assigns: JSONObject) -> JSONObject {
        switch self {
        case .replace(let replacement): return replacement
        case .set(let key, let value, _):
            var changed = assigns
            changed[key] = value
            return changed
        }
    }
}
