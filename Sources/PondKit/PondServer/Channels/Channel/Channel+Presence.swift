import PondCore
import PondRuntime

/// Who is present.
extension Channel {
    func track(_ member: Member, _ value: JSONObject, key: String?) throws(PondError) {
        try self.checkRoom()
        let key = key ?? member.userId
        let text = try self.encoded(value, under: key)
        let before = member.wantsPresenceDeltas ? self.presenceSnapshot() : nil
        guard let change = self.presence.track(member.id, key: key, value: value, text: text) else {
            throw .presence(409, "The user is tracked already")
        }
        self.show(member, before)
        if case .none = change {
            self.welcome(member)
        } else {
            self.announce(change)
        }
        self.cluster?.presenceChanged(of: member.userId)
        member.share()
    }

    /// Shows who is there to a further connection of someone who is shown already: nobody else has news.
    private func welcome(_ member: Member) {
        guard !member.wantsPresenceDeltas, let entry = self.presence.entry(of: member.id) else { return }
        let list = self.fullList(.join, entry)
        self.inOrder(size: list.text.count) { member.send(list) }
    }

    func updatePresence(_ member: Member, _ value: JSONObject) throws(PondError) {
        try self.checkRoom()
        let text = try self.encoded(value, under: self.presence.entry(of: member.id)?.key ?? member.userId)
        guard let change = self.presence.update(member.id, value: value, text: text) else {
            throw .presence(404, "The user is not tracked")
        }
        self.announce(change)
        self.cluster?.presenceChanged(of: member.userId)
        member.share()
    }

    func upsertPresence(_ member: Member, _ value: JSONObject) throws(PondError) {
        if self.presence.entry(of: member.id) == nil {
            try self.track(member, value, key: nil)
        } else {
            try self.updatePresence(member, value)
        }
    }

    /// Ends the presence of a member that stays; `telling` the other nodes, unless it is they who said so.
    func untrack(_ member: Member, telling: Bool = true) throws(PondError) {
        guard let change = self.presence.untrack(member.id) else {
            throw .presence(404, "The user is not tracked")
        }
        self.hide(member)
        self.announce(change)
        if telling { self.cluster?.presenceChanged(of: member.userId) }
        member.share()
    }

    /// Changes what a user shows that is on another node only, or with `nil` ends it; false where the user is none.
    func setRemotePresence(of userId: String, to value: JSONObject?) throws(PondError) -> Bool {
        guard let cluster = self.cluster, self.member(of: userId) == nil, cluster.remoteUser(userId) != nil else {
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
        guard let cluster = self.cluster, self.member(of: userId) == nil, cluster.remoteUser(userId) != nil else {
            return false
        }
        let text = Payload(validated: try self.encoded(value, under: key ?? userId))
        try cluster.track(userId, text, key: key == userId ? nil : key)
        return true
    }

    /// Ends the presence of a member that left; silent where it had none.
    func dropPresence(of member: Member) {
        guard let change = self.presence.untrack(member.id) else { return }
        self.countLooker(member, -1)
        self.announce(change)
        self.cluster?.presenceChanged(of: member.userId)
    }

    /// Refuses a change of presence while too much waits for outgoing handlers; a leave always passes.
    private func checkRoom() throws(PondError) {
        guard let queue = self.busyLane, queue.isFull(self.home.core.options.limits) else { return }
        throw .rateLimited("Too many messages of the channel wait to be sent", retryAfter: 1)
    }

    private func encoded(_ value: JSONObject, under key: String) throws(PondError) -> [UInt8] {
        let text = Payload(value).bytes
        let most = self.presenceBytes
        guard text.count <= most else {
            throw .presence(413, "The presence has \(text.count) bytes; at most \(most) can be tracked")
        }
        guard self.hasRoom(for: text, under: key) else {
            throw .presence(413, "\(self.name) has no room for this presence among its \(self.presence.count)")
        }
        return text
    }

    /// The bytes of one presence at most.
    private var presenceBytes: Int {
        let limits = self.home.core.options.limits
        return min(limits.presenceBytes, limits.outgoingMessageBytes / 4)
    }

    /// Whether a message with all presences, of which one has just changed, is small enough with this one, too.
    func hasRoom(for text: [UInt8], under key: String) -> Bool {
        let limit = self.home.core.options.limits.outgoingMessageBytes
        // Nearly always there is so much room that the names need not be looked at.
        let envelope = 256 + 6 * self.name.utf8.count
        let list = self.presence.listBytes(with: text, under: key)
        return text.count <= self.presenceBytes && list + self.presenceBytes + envelope <= limit
    }

    /// From now on the member sees presence; one that asked for changes sees first what was there before them.
    private func show(_ member: Member, _ before: Frame?) {
        self.countLooker(member, 1)
        let membership = member.membership
        let mode: Membership.PresenceMode = member.wantsPresenceDeltas ? .delta : .full
        self.inOrder(size: 128 + (before?.text.count ?? 0)) {
            self.home.post(to: member.shard) { shard in
                membership.presence = mode
                if let before { shard.deliver(before, to: membership) }
            }
        }
    }

    private func hide(_ member: Member) {
        self.countLooker(member, -1)
        let membership = member.membership
        self.inOrder { self.home.post(to: member.shard) { _ in membership.presence = .none } }
    }

    private func countLooker(_ member: Member, _ change: Int) {
        if member.wantsPresenceDeltas {
            self.lookers.delta += change
        } else {
            self.lookers.full += change
        }
    }

    func announce(_ change: PresenceState.Change) {
        switch change {
        case .none: return
        case .join(let entry): self.announce(.join, entry)
        case .update(let entry): self.announce(.update, entry)
        case .leave(let entry): self.announce(.leave, entry)
        }
    }

    private func announce(_ event: PresenceEvent, _ entry: PresenceState.Entry) {
        let announcement = PresenceAnnouncement(event: event, key: entry.key, text: entry.text)
        let delta = self.lookers.delta > 0 ? self.deltaFrame(announcement) : nil
        if self.lookers.full > 0 {
            let limit = self.home.core.options.limits.pendingBytesPerChannel
            self.lists.queue.append(announcement, limit: limit, now: self.home.now)
        }
        let full = self.nextList()
        if full != nil || delta != nil { self.deliverPresence(full: full, delta: delta) }
        self.sendLists()
    }

    /// Sends the waiting full lists that the budget allows, and the others later.
    private func sendLists() {
        guard !self.lists.isScheduled else { return }
        while let full = self.nextList() { self.deliverPresence(full: full, delta: nil) }
        guard !self.lists.queue.isEmpty else { return }
        self.lists.isScheduled = true
        self.home.loop.schedule(after: self.lists.budget.wait(now: self.home.now) ?? .zero) { [weak self] in
            guard let self else { return }
            self.lists.isScheduled = false
            self.sendLists()
        }
    }

    /// The next waiting change with the newest list, where the budget allows one more list now.
    private func nextList() -> FullPresenceList? {
        let (limits, now) = (self.home.core.options.limits, self.home.now)
        guard self.lookers.full > 0 else {
            self.lists.queue = PresenceQueue()
            return nil
        }
        guard !self.lists.queue.isEmpty, self.lists.budget.wait(now: now) == nil,
            let announcement = self.lists.queue.popFirst(delay: limits.presenceDelay, now: now)
        else { return nil }
        let frame = self.fullList(announcement)
        self.payForList(of: frame.text.count, times: self.lookers.full)
        return FullPresenceList(announcement: announcement, frame: frame)
    }

    private func payForList(of bytes: Int, times members: Int) {
        let limits = self.home.core.options.limits
        let (total, overflow) = bytes.multipliedReportingOverflow(by: members)
        self.lists.budget.pay(
            overflow ? .max : total,
            perSecond: limits.presenceListBytesPerSecond,
            delay: limits.presenceDelay,
            now: self.home.now
        )
    }

    /// Sends one member the newest list with a change that its queue had no room for before, where the budget allows it.
    func sendList(_ announcement: PresenceAnnouncement, to member: Member) {
        let membership = member.membership
        guard member.channel === self, self.lists.budget.wait(now: self.home.now) == nil else {
            return self.home.post(to: member.shard) { $0.hasNoList(announcement, for: membership) }
        }
        let list = FullPresenceList(announcement: announcement, frame: self.fullList(announcement))
        self.payForList(of: list.frame.text.count, times: 1)
        self.inOrder(size: list.frame.text.count) {
            self.home.post(to: member.shard) { $0.deliverLate(list, to: membership) }
        }
    }

    private func deltaFrame(_ announcement: PresenceAnnouncement) -> Frame {
        var bytes = Array("{\"id\":".utf8)
        JSON.string(announcement.key).write(into: &bytes)
        bytes.append(contentsOf: ",\"changed\":".utf8)
        bytes.append(contentsOf: announcement.text)
        bytes.append(UInt8(ascii: "}"))
        return self.presenceFrame(announcement.event, bytes)
    }

    /// A change with the list of all presences as it is now.
    private func fullList(_ announcement: PresenceAnnouncement) -> Frame {
        var bytes = Array("{\"presence\":".utf8)
        self.presence.writeList(into: &bytes)
        bytes.append(contentsOf: ",\"changed\":".utf8)
        bytes.append(contentsOf: announcement.text)
        bytes.append(UInt8(ascii: "}"))
        return self.presenceFrame(announcement.event, bytes)
    }

    private func fullList(_ event: PresenceEvent, _ entry: PresenceState.Entry) -> Frame {
        self.fullList(PresenceAnnouncement(event: event, key: entry.key, text: entry.text))
    }

    /// All that a tracked member can see, for one that comes back; nothing for one that is not tracked.
    func presenceNow(for member: Member, _ mode: Membership.PresenceMode) -> Frame? {
        switch mode {
        case .none: nil
        case .delta: self.presenceSnapshot()
        case .full: self.presence.entry(of: member.id).map { self.fullList(.update, $0) }
        }
    }

    /// The full list that opens a subscription to changes.
    private func presenceSnapshot() -> Frame {
        var bytes = Array("{\"presence\":[".utf8)
        var first = true
        for entry in self.presence.entries {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            bytes.append(contentsOf: "{\"id\":".utf8)
            JSON.string(entry.key).write(into: &bytes)
            bytes.append(contentsOf: ",\"presence\":".utf8)
            bytes.append(contentsOf: entry.text)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(contentsOf: "]}".utf8)
        return self.presenceFrame(.state, bytes)
    }

    private func presenceFrame(_ event: PresenceEvent, _ payload: [UInt8]) -> Frame {
        ServerMessage(
            action: .presence,
            event: event.rawValue,
            channelName: self.name,
            requestId: self.home.requestIds.next(),
            payload: Payload(validated: payload)
        ).frame()
    }
}
