extension Update {
    /// What the session tells.
    mutating func session(_ event: SessionEvent) {
        if event.isFromServer { self.model.connection.lastHeard = self.model.now }
        switch event {
        case .connection(let change): self.connection(change)
        case .channel(let room, let state, let reason): self.channel(room, state, reason: reason)
        case .message(let room, let message): self.receive(message, in: room)
        case .edited(let room, let id, let text, let author):
            self.with(room) { _ = $0.timeline.edit(id, to: text, by: author) }
        case .removed(let room, let id, let by):
            self.with(room) { $0.timeline.markRemoved(id, by: by) }
        case .returned(let id):
            guard let entry = self.model.outbox.entry(id), case .sending = entry.state else { return }
            self.model.outbox.set(id, .queued(notBefore: nil))
        case .delivered(let id): self.delivered(id)
        case .refused(let id, let reason, let retryAfter): self.refused(id, reason, retryAfter)
        case .people(let room, let people):
            let now = self.model.now
            self.with(room) { room in
                room.people.update(to: people)
                room.peopleAsOf = now
                room.hasPeople = true
            }
        case .personJoined(let room, let person): self.presence(person, in: room, joined: true)
        case .personChanged(let room, let person):
            let now = self.model.now
            self.with(room) { room in
                room.peopleAsOf = now
                room.people.insert(person)
            }
        case .personLeft(let room, let name): self.presence(Person(name: name), in: room, joined: false)
        case .typing(let room, let name):
            let until = self.model.now + 6_000
            self.with(room) { room in
                guard room.typing.count < 100 || room.typing[name] != nil else { return }
                room.typing[name] = until
            }
        case .topic(let room, let text, let by):
            var changed = false
            self.with(room) { room in
                changed = room.topic != text
                room.topic = text
            }
            if changed, let by { self.note("\(TextSanitiser.plain(by)) set the topic: \(text)", in: room) }
        case .history(let room, let messages, let isComplete): self.history(messages, of: room, isComplete)
        case .found(let room, let query, let messages):
            let lines = messages.map { message in
                Transcript.line(
                    TimelineItem(key: 0, content: .message(message)),
                    secondsEast: self.model.secondsEast
                )
            }
            self.show("#\(room): \(query)", lines.isEmpty ? ["nothing found"] : lines)
        case .recovered(let room, let count):
            self.missed(count, in: room)
        case .resync(let room):
            self.with(room) { room in
                room.resyncUntil = room.timeline.newestMessage?.id
                room.resyncCount = 0
                room.history = .unknown
                room.historyFailures = 0
            }
            if let index = self.model.index(of: room), self.model.rooms[index].state == .joined {
                self.requestHistory(room)
            }
        case .historyFailed(let room, let reason, let retryAfter): self.historyFailed(room, reason, retryAfter)
        case .read(let room, let mark): self.read(mark, in: room)
        case .directory(let rooms, let gone, let isWhole):
            if isWhole { self.model.directory = [:] }
            for room in rooms where self.model.directory.count < 10_000 { self.model.directory[room.name] = room }
            for name in gone { self.model.directory[name] = nil }
        case .whois(let person): self.show(person)
        case .identity(let identity): self.identified(identity)
        case .heard: break
        case .lag(let milliseconds): self.model.connection.lagMilliseconds = milliseconds
        case .nick(let name):
            if self.model.connection.state == .connected, name != self.model.nick {
                self.model.formerNick = self.model.nick
            }
            self.model.nick = name
            self.effects.append(.save)
        case .notice(let room, let text):
            if let room, self.model.index(of: room) != nil { self.note(text, in: room) } else { self.model.hint = text }
        case .servers(let areReachable, let text): self.servers(areReachable, text)
        case .caption(let text): self.model.caption = text
        }
    }

    mutating func with(_ room: String, _ change: (inout Room) -> Void) {
        guard let index = self.model.index(of: room) else { return }
        change(&self.model.rooms[index])
    }

    /// A line of the program's own in a room.
    mutating func note(_ text: String, in room: String) {
        let now = self.model.now
        self.with(room) { $0.timeline.append(.notice(text: text, time: now)) }
    }

    private mutating func remember(_ room: String?, _ state: String, _ detail: String) {
        self.model.stateLog.append(StateLogEntry(time: self.model.now, room: room, state: state, detail: detail))
        self.model.stateLogTotal += 1
        if self.model.stateLog.count > 500 { self.model.stateLog.removeFirst(100) }
    }

    // MARK: The connection machine

    private mutating func connection(_ change: SessionEvent.ConnectionChange) {
        let now = self.model.now
        let before = self.model.connection
        var status = before
        status.state = change.state
        status.attempt = change.attempt
        status.retryAt = change.retryAfterMilliseconds.map { now + $0 }
        if before.state != change.state { status.since = now }
        switch change.state {
        case .connected:
            status.reason = nil
            status.refusal = nil
            status.lagMilliseconds = nil
            status.isWanted = true
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
        if let refusal = change.refusal, before.refusal != refusal {
            self.model.hint = "not let in: \(status.reason ?? "refused")" + (status.advice.map { "; \($0)" } ?? "")
        }
        let detail: String
        switch change.state {
        case .connected: detail = ""
        case .connecting: detail = change.attempt > 0 ? "try \(change.attempt)" : ""
        case .disconnected:
            let wait = change.retryAfterMilliseconds.map { " retry in \(($0 + 999) / 1_000)s" } ?? ""
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

    // MARK: A channel machine

    private mutating func channel(_ name: String, _ state: ChannelState, reason: String?) {
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
            self.pump()
        case .declined:
            if before != .declined { self.note("not let in: \(reason ?? "refused")", in: name) }
            // What was loading is not coming any more.
            if self.model.rooms[index].history == .loading { self.model.rooms[index].history = .unknown }
        case .stalled, .closed, .joining, .idle:
            self.model.rooms[index].typing = [:]
            if self.model.rooms[index].history == .loading { self.model.rooms[index].history = .unknown }
        }
    }

    private func outageWords(since: WallTime) -> String {
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
    private mutating func missed(_ count: Int, in name: String) {
        guard count > 0, let index = self.model.index(of: name) else { return }
        let words = "\(count) missed message\(count == 1 ? "" : "s") came"
        let room = self.model.rooms[index]
        guard let key = room.backKey, let place = room.timeline.index(ofKey: key),
            case .notice(let text, let time) = room.timeline.items[place].content
        else { return self.note(words, in: name) }
        self.model.rooms[index].backKey = nil
        self.model.rooms[index].timeline.replace(key: key, with: .notice(text: "\(text), \(words)", time: time))
    }

    private func firstWords(_ detail: String) -> String {
        detail.firstRange(of: " retry in").map { String(detail[..<$0.lowerBound]) } ?? detail
    }

    // MARK: Messages

    private mutating func receive(_ message: ChatMessage, in name: String) {
        guard let index = self.model.index(of: name) else { return }
        var message = message
        if message.offset != nil { self.model.rooms[index].isNumbered = true }
        message.isUnstored = self.model.apart != nil && message.offset == nil && self.model.rooms[index].isNumbered
        let isOwn = message.author == self.model.nick
        let last = self.model.rooms[index].timeline.items.last { !$0.isPending }?.key
        let insertion = self.model.rooms[index].timeline.insert(message)
        self.model.rooms[index].typing[message.author] = nil
        if self.model.outbox.confirm(message.id) != nil { self.pump() }
        guard case .added = insertion else {
            if isOwn { self.logged(message, in: name) }
            if name == self.model.currentName { self.readCurrent() }
            return
        }
        self.logged(message, in: name)
        guard !isOwn, message.kind != .notice, !self.model.settings.ignores(message.author) else {
            if name == self.model.currentName { self.readCurrent() }
            return
        }
        let room = self.model.rooms[index]
        let isShown = name == self.model.currentName && !self.model.isSuspended && room.scroll == nil
        if isShown, self.model.isFocused {
            self.read(message, index)
            return
        }
        // The marker stands after what was read last: where the first unread message came in.
        if room.unread == 0 { self.model.rooms[index].marker = last ?? 0 }
        self.model.rooms[index].unread += 1
        guard !room.isMuted else { return }
        let isMention = self.model.mentions(message.text)
        if isMention { self.model.rooms[index].mentions += 1 }
        if isMention || room.isDirect {
            if self.model.settings.bell { self.effects.append(.bell) }
            if self.model.settings.notifications != .off, !self.model.isFocused {
                let title = "\(TextSanitiser.plain(message.author)) in \(TextSanitiser.plain(room.title))"
                let body = String(TextSanitiser.plain(message.text).prefix(200))
                self.effects.append(.notify(title: title, body: body))
            }
        }
    }

    /// The server lost the others of its cluster, or has them again.
    private mutating func servers(_ areReachable: Bool, _ text: String) {
        let plain = TextSanitiser.plain(text)
        guard areReachable == (self.model.apart != nil) else { return }
        self.model.apart = areReachable ? nil : plain
        self.remember(nil, areReachable ? "TOGETHER" : "APART", plain)
        for index in self.model.rooms.indices where self.model.rooms[index].state == .joined {
            if areReachable { self.model.rooms[index].timeline.markStored() }
            self.note(plain, in: self.model.rooms[index].name)
        }
    }

    private mutating func logged(_ message: ChatMessage, in room: String) {
        guard self.model.settings.log, !message.isPending else { return }
        let line = Transcript.line(
            TimelineItem(key: 0, content: .message(message)),
            secondsEast: self.model.secondsEast
        )
        self.effects.append(.log(room: room, line: line))
    }

    private mutating func delivered(_ id: String) {
        guard let entry = self.model.outbox.confirm(id) else { return }
        self.with(entry.room) { room in
            if let editOf = entry.editOf {
                _ = room.timeline.edit(editOf, to: entry.text, by: nil)
            } else {
                room.timeline.confirm(id)
            }
        }
        self.pump()
    }

    /// A message is not sent again by itself after a longer wait than this: who wrote it decides.
    private static let longestPatience: Int64 = 60_000

    private mutating func refused(_ id: String, _ reason: String, _ retryAfter: Int64?) {
        guard let entry = self.model.outbox.entry(id) else { return }
        if let retryAfter, retryAfter <= Self.longestPatience {
            self.model.outbox.set(id, .queued(notBefore: self.model.now + max(200, retryAfter)))
            // A pause one can see passing needs no word; a long one does.
            if retryAfter > 3_000, self.model.hint == nil {
                self.model.hint = "\(reason); it goes out in \((retryAfter + 999) / 1_000) s"
            }
        } else {
            self.model.outbox.set(id, .failed(reason: reason))
            let title = self.model.index(of: entry.room).map { self.model.rooms[$0].title } ?? entry.room
            self.model.hint =
                "a message to \(title) was refused: \(reason); /retry \(entry.number), /drop \(entry.number)"
        }
        self.pump()
    }

    private mutating func history(_ messages: [ChatMessage], of name: String, _ isComplete: Bool) {
        guard let index = self.model.index(of: name) else { return }
        let isFirst = !self.model.rooms[index].hasHistory && self.model.rooms[index].marker == nil
        self.model.rooms[index].hasHistory = true
        for message in messages {
            let insertion = self.model.rooms[index].timeline.insert(message)
            if case .added = insertion { self.model.rooms[index].resyncCount += 1 }
            if self.model.outbox.confirm(message.id) != nil { self.model.rooms[index].timeline.confirm(message.id) }
        }
        self.model.rooms[index].history = isComplete ? .complete : .more
        self.model.rooms[index].historyFailures = 0
        self.fillGap(index, messages, isComplete)
        if isFirst { self.restoreMarker(index) }
        if name == self.model.currentName { self.readCurrent() }
    }

    /// After an outage that the server could not replay: page by page, until what was here before.
    private mutating func fillGap(_ index: Int, _ messages: [ChatMessage], _ isComplete: Bool) {
        guard let until = self.model.rooms[index].resyncUntil else { return }
        guard !isComplete, let oldest = messages.first, !messages.contains(where: { $0.id == until }) else {
            self.model.rooms[index].resyncUntil = nil
            let count = self.model.rooms[index].resyncCount
            self.missed(count, in: self.model.rooms[index].name)
            return
        }
        self.model.rooms[index].history = .loading
        self.request(.history(room: self.model.rooms[index].name, before: oldest))
    }

    private mutating func presence(_ person: Person, in name: String, joined: Bool) {
        let now = self.model.now
        let own = self.model.nick
        self.with(name) { room in
            let isNews = joined ? room.people.insert(person) : room.people.remove(person.name)
            room.typing[person.name] = nil
            room.peopleAsOf = now
            // The lists that come with joining are no news.
            guard room.hasPeople, person.name != own, isNews else { return }
            room.timeline.append(.presence(name: person.name, joined: joined, time: now))
        }
    }
}
