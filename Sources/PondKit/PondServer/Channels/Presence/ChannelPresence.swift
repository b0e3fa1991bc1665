import PondCore
import PondRuntime

/// The presence of a channel: what each member shows, and which members receive changes. Confined to the home loop.
final class ChannelPresence {
    private let scope: ChannelScope
    private let roster: ChannelRoster
    private let delivery: ChannelDelivery
    private let frames: PresenceFrames
    private var state = PresenceState()
    /// The numbers of tracked members that get full lists and that get changes.
    private var watchers = (full: 0, delta: 0)
    /// Paces the full lists.
    private var lists = PresenceLists()

    init(_ scope: ChannelScope, _ roster: ChannelRoster, _ delivery: ChannelDelivery) {
        self.scope = scope
        self.roster = roster
        self.delivery = delivery
        self.frames = PresenceFrames(scope)
    }

    // Queries

    /// The entry that a member holds; `nil` if it is not tracked.
    func entry(of member: Member) -> PresenceState.Entry? { self.state.entry(of: member.id) }

    /// Every presence, in the order of tracking.
    var entries: some Sequence<PresenceState.Entry> { self.state.entries }

    /// Every presence, by its key.
    var byKey: [String: JSONObject] {
        Dictionary(self.state.entries.map { ($0.key, $0.value) }) { first, _ in first }
    }

    // Members of this node

    func track(_ member: Member, _ value: JSONObject, key: String?) throws(PondError) {
        try self.checkRoom()
        let key = key ?? member.userId
        let text = try self.encoded(value, under: key)
        let before = member.wantsPresenceDeltas ? self.frames.snapshot(of: self.state) : nil
        guard let change = self.state.track(member.id, key: key, value: value, text: text) else {
            throw .presence(409, "The user is tracked already")
        }
        self.show(member, before)
        if case .none = change {
            self.welcome(member)
        } else {
            self.announce(change)
        }
        self.scope.cluster?.presenceChanged(of: member.userId)
        member.share()
    }

    /// Sends the full list to another connection of a user that is shown already; for other members nothing changes.
    private func welcome(_ member: Member) {
        guard !member.wantsPresenceDeltas, let entry = self.state.entry(of: member.id) else { return }
        let list = self.frames.fullList(.join, entry, of: self.state)
        self.delivery.inOrder(size: list.text.count) { member.send(list) }
    }

    func update(_ member: Member, _ value: JSONObject) throws(PondError) {
        try self.checkRoom()
        let text = try self.encoded(value, under: self.state.entry(of: member.id)?.key ?? member.userId)
        guard let change = self.state.update(member.id, value: value, text: text) else {
            throw .presence(404, "The user is not tracked")
        }
        self.announce(change)
        self.scope.cluster?.presenceChanged(of: member.userId)
        member.share()
    }

    func upsert(_ member: Member, _ value: JSONObject) throws(PondError) {
        if self.state.entry(of: member.id) == nil {
            try self.track(member, value, key: nil)
        } else {
            try self.update(member, value)
        }
    }

    /// Ends the presence of a member that stays; `telling` the other nodes, unless it is they who said so.
    func untrack(_ member: Member, telling: Bool = true) throws(PondError) {
        guard let change = self.state.untrack(member.id) else {
            throw .presence(404, "The user is not tracked")
        }
        self.hide(member)
        self.announce(change)
        if telling { self.scope.cluster?.presenceChanged(of: member.userId) }
        member.share()
    }

    /// Changes what a user shows that is on another node only, or with `nil` ends it; false where the user is none.
    func setRemote(_ userId: String, to value: JSONObject?) throws(PondError) -> Bool {
        guard let cluster = self.scope.cluster, self.roster.member(of: userId) == nil, cluster.remoteUser(userId) != nil
        else {
            return false
        }
        let text = try value.map { (value) throws(PondError) in
            Payload(validated: try self.encoded(value, under: userId))
        }
        try cluster.setPresence(of: userId, to: text)
        return true
    }

    /// Shows a user that is on another node only; false where the user is none.
    func trackRemote(_ userId: String, _ value: JSONObject, key: String?) throws(PondError) -> Bool {
        guard let cluster = self.scope.cluster, self.roster.member(of: userId) == nil, cluster.remoteUser(userId) != nil
        else {
            return false
        }
        let text = Payload(validated: try self.encoded(value, under: key ?? userId))
        try cluster.track(userId, text, key: key == userId ? nil : key)
        return true
    }

    /// Ends the presence of a member that left; silent where it had none.
    func drop(_ member: Member) {
        guard let change = self.state.untrack(member.id) else { return }
        self.countWatcher(member, -1)
        self.announce(change)
        self.scope.cluster?.presenceChanged(of: member.userId)
    }

    // Other nodes

    /// Shows what changed in the presence of users of other nodes.
    func showRemote(_ changes: [PresenceChange]) {
        for change in changes {
            if let presence = change.presence, !self.hasRoom(for: presence.bytes, under: change.key) {
                self.scope.cluster?.count { $0.overflows += 1 }
                continue
            }
            self.announce(self.state.apply(change))
        }
    }

    /// Changes what a local user shows because another node asked for it; `nil` ends the presence.
    func setLocal(_ userId: String, to presence: Payload?) {
        for member in self.roster.members(of: userId) {
            guard let key = self.entry(of: member)?.key else { continue }
            guard let presence else {
                try? self.untrack(member, telling: false)
                continue
            }
            guard self.hasRoom(for: presence.bytes, under: key) else {
                self.scope.cluster?.count { $0.overflows += 1 }
                continue
            }
            let value = presence.json.object ?? [:]
            if let change = self.state.update(member.id, value: value, text: presence.bytes) {
                self.announce(change)
                member.share()
            }
        }
    }

    /// Tracks a local user because another node asked for it.
    func trackLocal(_ userId: String, _ presence: Payload, key: String) {
        let members = self.roster.members(of: userId)
        guard let member = members.first, members.allSatisfy({ self.entry(of: $0) == nil }) else {
            return self.setLocal(userId, to: presence)
        }
        try? self.track(member, presence.json.object ?? [:], key: key)
    }

    // Bounds

    /// Refuses a change of presence while too much waits for outgoing handlers; a leave always passes.
    private func checkRoom() throws(PondError) {
        guard self.delivery.isFull else { return }
        throw .rateLimited("Too many messages of the channel wait to be sent", retryAfter: 1)
    }

    private func encoded(_ value: JSONObject, under key: String) throws(PondError) -> [UInt8] {
        let text = Payload(value).bytes
        let most = self.maximumBytes
        guard text.count <= most else {
            throw .presence(413, "The presence has \(text.count) bytes; at most \(most) can be tracked")
        }
        guard self.hasRoom(for: text, under: key) else {
            throw .presence(413, "\(self.scope.name) has no room for this presence among its \(self.state.count)")
        }
        return text
    }

    /// The bytes of one presence at most.
    private var maximumBytes: Int {
        let limits = self.scope.limits
        return min(limits.presenceBytes, limits.outgoingMessageBytes / 4)
    }

    /// Whether a message with all presences, of which one has just changed, is small enough with this one, too.
    private func hasRoom(for text: [UInt8], under key: String) -> Bool {
        let limit = self.scope.limits.outgoingMessageBytes
        // Nearly always there is so much room that the names need not be looked at.
        let envelope = 256 + 6 * self.scope.name.utf8.count
        let list = self.state.listBytes(with: text, under: key)
        return text.count <= self.maximumBytes && list + self.maximumBytes + envelope <= limit
    }

    /// Sends presence changes to a member from now on, after the list `before` if the member asked for deltas.
    private func show(_ member: Member, _ before: Frame?) {
        self.countWatcher(member, 1)
        let membership = member.membership
        let mode: Membership.PresenceMode = member.wantsPresenceDeltas ? .delta : .full
        self.delivery.inOrder(size: 128 + (before?.text.count ?? 0)) {
            self.scope.home.post(to: member.shard) { shard in
                membership.presence = mode
                if let before { shard.send(before, to: membership) }
            }
        }
    }

    private func hide(_ member: Member) {
        self.countWatcher(member, -1)
        let membership = member.membership
        self.delivery.inOrder { self.scope.home.post(to: member.shard) { _ in membership.presence = .none } }
    }

    private func countWatcher(_ member: Member, _ change: Int) {
        if member.wantsPresenceDeltas {
            self.watchers.delta += change
        } else {
            self.watchers.full += change
        }
    }

    private func announce(_ change: PresenceState.Change) {
        switch change {
        case .none: return
        case .join(let entry): self.announce(.join, entry)
        case .update(let entry): self.announce(.update, entry)
        case .leave(let entry): self.announce(.leave, entry)
        }
    }

    private func announce(_ event: PresenceEvent, _ entry: PresenceState.Entry) {
        let announcement = PresenceAnnouncement(event: event, key: entry.key, text: entry.text)
        let delta = self.watchers.delta > 0 ? self.frames.delta(announcement) : nil
        if self.watchers.full > 0 {
            let limit = self.scope.limits.pendingBytesPerChannel
            self.lists.queue.append(announcement, limit: limit, now: self.scope.home.now)
        }
        let full = self.nextList()
        if full != nil || delta != nil { self.delivery.fanOutPresence(full: full, delta: delta) }
        self.sendLists()
    }

    /// Sends the waiting full lists that the budget allows, and the others later.
    private func sendLists() {
        guard !self.lists.isScheduled else { return }
        while let full = self.nextList() { self.delivery.fanOutPresence(full: full, delta: nil) }
        guard !self.lists.queue.isEmpty else { return }
        self.lists.isScheduled = true
        self.scope.home.loop.schedule(after: self.lists.budget.wait(now: self.scope.home.now) ?? .zero) { [weak self] in
            guard let self else { return }
            self.lists.isScheduled = false
            self.sendLists()
        }
    }

    /// The next waiting change with the newest list, where the budget allows one more list now.
    private func nextList() -> FullPresenceList? {
        let (limits, now) = (self.scope.limits, self.scope.home.now)
        guard self.watchers.full > 0 else {
            self.lists.queue = PresenceQueue()
            return nil
        }
        guard !self.lists.queue.isEmpty, self.lists.budget.wait(now: now) == nil,
            let announcement = self.lists.queue.popFirst(delay: limits.presenceDelay, now: now)
        else { return nil }
        let frame = self.frames.fullList(announcement, of: self.state)
        self.payForList(of: frame.text.count, times: self.watchers.full)
        return FullPresenceList(announcement: announcement, frame: frame)
    }

    private func payForList(of bytes: Int, times members: Int) {
        let limits = self.scope.limits
        let (total, overflow) = bytes.multipliedReportingOverflow(by: members)
        self.lists.budget.pay(
            overflow ? .max : total,
            perSecond: limits.presenceListBytesPerSecond,
            delay: limits.presenceDelay,
            now: self.scope.home.now
        )
    }

    /// Sends one member the newest list with a change that its queue had no room for before, where the budget allows it.
    func sendList(_ announcement: PresenceAnnouncement, to member: Member) {
        let membership = member.membership
        guard member.isMember(of: self.scope), self.lists.budget.wait(now: self.scope.home.now) == nil else {
            return self.scope.home.post(to: member.shard) { $0.hasNoList(announcement, for: membership) }
        }
        let list = FullPresenceList(
            announcement: announcement,
            frame: self.frames.fullList(announcement, of: self.state)
        )
        self.payForList(of: list.frame.text.count, times: 1)
        self.delivery.inOrder(size: list.frame.text.count) {
            self.scope.home.post(to: member.shard) { $0.sendLate(list, to: membership) }
        }
    }

    /// All that a tracked member can see, for one that comes back; nothing for one that is not tracked.
    func now(for member: Member, _ mode: Membership.PresenceMode) -> Frame? {
        switch mode {
        case .none: nil
        case .delta: self.frames.snapshot(of: self.state)
        case .full: self.state.entry(of: member.id).map { self.frames.fullList(.update, $0, of: self.state) }
        }
    }
}
