/// The two machines: the connection's and each channel's.
extension Update {
    mutating func connection(_ change: SessionEvent.ConnectionChange) {
        let now = self.model.now
        let before = self.model.connection
        var status = before
        status.state = change.state
        status.attempt = change.attempt
        status.retryAt = change.retryAfterMilliseconds.map { now + $0 }
        status.retryFrom = status.retryAt == nil ? nil : now
        if before.state != change.state { status.since = now }
        switch change.state {
        case .connected:
            status.reason = nil
            status.refusal = nil
            status.lagMilliseconds = nil
            status.isWanted = true
            if case .name = self.model.overlay { self.model.overlay = nil }
            status.isResumed = change.isResumed
            // How many tries it took stays on show.
            status.attempt = max(change.attempt, before.attempt)
        case .connecting: status.isWanted = true
        case .disconnected:
            status.reason = change.reason ?? before.reason
            status.refusal = change.refusal
            status.lagMilliseconds = nil
        }
        if self.model.hint == Self.connectingNow, change.state != .connecting { self.model.hint = nil }
        self.model.connection = status
        if let refusal = change.refusal, before.refusal != refusal || before.reason != status.reason {
            // One that is taken is told with one that is likely free; all else as the server says it.
            let isTaken = refusal == 409 && status.reason?.contains("taken") == true
            self.model.hint =
                isTaken
                ? "the name \(TextSanitiser.plain(self.model.nick)) is taken; "
                    + "/nick \(TextSanitiser.plain(Self.otherName(self.model.nick))), or F5 to try again"
                : "not let in: \(status.reason ?? "refused")" + (status.advice.map { "; \($0)" } ?? "")
            // At the start another name is asked for; later the user is in the middle of something.
            if isTaken, !self.model.isScript, status.lastHeard == nil, self.model.overlay == nil {
                self.model.overlay = .name(Self.otherName(self.model.nick))
            }
        }
        let detail: String
        switch change.state {
        case .connected: detail = ""
        case .connecting: detail = change.attempt > 0 ? "try \(change.attempt)" : ""
        case .disconnected:
            let wait = change.retryAfterMilliseconds.map { " retry in \(Elapsed.seconds(roundingUp: $0))s" } ?? ""
            detail = (change.reason ?? "") + wait
        }
        self.remember(nil, change.state.rawValue, detail)
        // Which one the server is now, it says itself.
        if change.state != .connected { self.model.apart = nil }
        // A new name needs a new connection: that is no outage.
        if change.state == .connected, let former = self.model.formerNick {
            self.model.formerNick = nil
            if former != self.model.nick { self.model.hint = "you are \(TextSanitiser.plain(self.model.nick)) now" }
        }
        if before.state == .connected, change.state != .connected, self.model.formerNick == nil {
            self.model.outageStarted = now
            let reason = change.reason.map { " (\($0))" } ?? ""
            for index in self.model.rooms.indices
            where self.model.rooms[index].state == .joined
                || self.model.rooms[index].state == .stalled
            {
                let text = "connection lost\(reason)"
                let key = self.model.rooms[index].timeline.append(.notice(text: text, time: now))
                self.model.rooms[index].outageKey = key
                self.model.rooms[index].backKey = nil
                self.model.rooms[index].typing = [:]
            }
            self.effects.append(.save)
        }
        if change.state == .connected { self.pump() }
    }

    mutating func channel(_ name: String, _ state: ChannelState, reason: String?) {
        if self.model.index(of: name) == nil {
            guard self.model.rooms.count < 1_000 else { return }
            self.model.rooms.append(Room(name))
        }
        guard let index = self.model.index(of: name) else { return }
        if self.model.currentName == nil { self.model.currentName = name }
        let before = self.model.rooms[index].state
        let now = self.model.now
        self.model.rooms[index].state = state
        self.model.rooms[index].stateReason = reason
        // People and typing were right up to now.
        if before == .joined, state != .joined, self.model.rooms[index].peopleAsOf != nil {
            self.model.rooms[index].peopleAsOf = now
        }
        if before == .joined, state != .joined {
            self.model.rooms[index].liveUntil = min(now, self.model.connection.lastHeard ?? now)
        }
        if before != state {
            self.model.rooms[index].stateSince = now
            self.remember(name, state.rawValue, reason ?? "")
        }
        switch state {
        case .joined:
            self.model.rooms[index].peopleAsOf = now
            if let key = self.model.rooms[index].outageKey {
                self.model.rooms[index].outageKey = nil
                self.model.rooms[index].backKey = key
                let text = self.outageWords(since: self.model.outageStarted ?? now)
                self.model.rooms[index].timeline.replace(key: key, with: .notice(text: text, time: now))
            }
            if self.model.rooms[index].history == .unknown { self.requestHistory(name) }
            if before != .joined { self.holdOld(name) }
            self.pump()
        case .declined:
            self.declined(name, reason)
            // What was loading is not coming any more.
            if self.model.rooms[index].history == .loading { self.model.rooms[index].history = .unknown }
        case .closed:
            self.model.rooms[index].typing = [:]
            if self.model.rooms[index].history == .loading { self.model.rooms[index].history = .unknown }
            if before != .closed, let reason {
                self.note("\(TextSanitiser.plain(reason)); /rejoin enters again", in: name)
            }
        case .stalled, .joining, .idle:
            self.model.rooms[index].typing = [:]
            if self.model.rooms[index].history == .loading { self.model.rooms[index].history = .unknown }
        }
    }

    /// After a long outage the user is asked before what was written in it, or before it, goes out.
    mutating func holdOld(_ name: String) {
        guard let room = self.model.index(of: name).map({ self.model.rooms[$0] }),
            room.liveUntil.map({ self.model.now - $0 > OutboxEntry.askedAfter }) ?? true,
            self.model.outbox.holdOld(room: name, at: self.model.now) > 0
        else { return }
        self.model.hint = self.model.heldWords
    }

    /// The client does not send again by itself what has waited for too long.
    mutating func recallOverdue() {
        for room in self.model.rooms where room.state != .joined {
            for entry in self.model.outbox.overdue(room: room.name, at: self.model.now) {
                self.model.outbox.set(entry.id, .queued(notBefore: nil))
                self.request(.recall(room: room.name, id: entry.id))
            }
        }
    }

    /// A room that does not let one in: once in words, with what can be done.
    private mutating func declined(_ name: String, _ reason: String?) {
        guard let index = self.model.index(of: name) else { return }
        let text =
            "not let in: \(TextSanitiser.plain(reason ?? "refused"))"
            + (reason?.hasPrefix("404") == true ? self.otherRooms : "; /rejoin asks again")
        // Asked again and refused again: that is one line.
        if case .notice(text, _) = self.model.rooms[index].timeline.items.last(where: { !$0.isPending })?.content {
            return
        }
        self.note(text, in: name)
    }

    /// The rooms there are, the fullest first, for one who asked for another.
    private var otherRooms: String {
        let names = self.model.directory.values
            .sorted { ($1.members, $0.name) < ($0.members, $1.name) }
            .prefix(5).map { "#" + TextSanitiser.plain($0.name) }
        guard !names.isEmpty else { return "; /rooms lists those there are" }
        let isAll = self.model.directory.count == names.count
        return ". There \(names.count == 1 && isAll ? "is" : "are") \(names.joined(separator: " "))"
            + (isAll ? "" : " and more: /rooms") + "; /join NAME enters one"
    }

    /// A name like another that is taken: `guest-2` for `guest`, `guest-3` for that.
    static func otherName(_ name: String) -> String {
        var stem = name
        var number = 2
        if let dash = name.lastIndex(of: "-"), dash > name.startIndex,
            let last = Int(name[name.index(after: dash)...]), (1..<999).contains(last)
        {
            stem = String(name[..<dash])
            number = last + 1
        }
        return "\(stem.prefix(24))-\(number)"
    }

    func outageWords(since: WallTime) -> String {
        let lost = self.model.civil(since).clockWithSeconds
        let back = self.model.civil(self.model.now).clockWithSeconds
        let tries = self.model.connection.attempt
        let reason =
            self.model.stateLog.first { $0.room == nil && $0.state == "DISCONNECTED" && $0.time >= since }
            .map { self.firstWords($0.detail) } ?? ""
        return "lost \(lost)\(reason.isEmpty ? "" : " (\(reason))"), back \(back) after \(max(1, tries))"
            + " \(tries > 1 ? "tries" : "try")"
    }

    /// An outage is one line: what came after it is said there.
    mutating func missed(_ count: Int, in name: String) {
        guard count > 0, let index = self.model.index(of: name) else { return }
        let words = "\(Counted.words(count, "missed message")) came"
        let room = self.model.rooms[index]
        guard let key = room.backKey, let place = room.timeline.index(ofKey: key),
            case .notice(let text, let time) = room.timeline.items[place].content
        else { return self.note(words, in: name) }
        self.model.rooms[index].backKey = nil
        self.model.rooms[index].timeline.replace(key: key, with: .notice(text: "\(text), \(words)", time: time))
    }

    func firstWords(_ detail: String) -> String {
        detail.firstRange(of: " retry in").map { String(detail[..<$0.lowerBound]) } ?? detail
    }

    /// The server lost the others of its cluster, or has them again.
    mutating func servers(_ areReachable: Bool, _ text: String) {
        let plain = TextSanitiser.plain(text)
        guard areReachable == (self.model.apart != nil) else { return }
        self.model.apart = areReachable ? nil : plain
        self.remember(nil, areReachable ? "TOGETHER" : "APART", plain)
        for index in self.model.rooms.indices where self.model.rooms[index].state == .joined {
            if areReachable { self.model.rooms[index].timeline.markStored() }
            self.note(plain, in: self.model.rooms[index].name)
        }
    }
}
