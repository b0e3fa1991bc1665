extension Update {
    /// What the session tells.
    mutating func session(_ event: SessionEvent) {
        if event.isFromServer { self.model.connection.lastHeard = self.model.now }
        switch event {
        case .connection(let change): self.connection(change)
        case .channel(let room, let state, let reason): self.channel(room, state, reason: reason)
        case .message(let room, let message): self.receive(message, in: room)
        case .direct(let room, let message): self.direct(room, message)
        case .edited(let room, let id, let text, let author):
            self.with(room) { _ = $0.timeline.edit(id, to: text, by: author) }
        case .removed(let room, let id, let by):
            self.with(room) { $0.timeline.markRemoved(id, by: by) }
            _ = self.model.outbox.dropChanges(of: id)
        case .returned(let id):
            guard let entry = self.model.outbox.entry(id), case .sending = entry.state else { return }
            self.model.outbox.set(id, .queued(notBefore: nil))
        case .delivered(let id): self.delivered(id)
        case .refused(let id, let reason, let retryAfter, let isCertain):
            self.refused(id, reason, retryAfter, isCertain: isCertain)
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
            guard !self.model.settings.ignores(name) else { return }
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
        case .found(let room, let query, let messages): self.found(messages, query, in: room)
        case .recovered(let room, let count):
            let now = self.model.now
            self.with(room) { $0.recovery = Room.Recovery(count: count, time: now) }
            self.missed(count, in: room)
        case .resync(let room):
            let now = self.model.now
            self.with(room) { room in
                room.resyncUntil = room.timeline.newestMessage?.id
                room.resyncCount = 0
                room.recovery = Room.Recovery(count: nil, time: now)
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
            if isWhole { self.offerRooms() }
        case .whois(let person): self.show(person)
        case .identity(let identity): self.identified(identity)
        case .heard(let lag): self.model.machines.note(lag: lag)
        case .awaiting(let isSo):
            self.model.connection.unansweredSince = isSo ? self.model.connection.unansweredSince ?? self.model.now : nil
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

    mutating func remember(_ room: String?, _ state: String, _ detail: String) {
        self.model.stateLog.append(StateLogEntry(time: self.model.now, room: room, state: state, detail: detail))
        self.model.stateLogTotal += 1
        if self.model.stateLog.count > 500 { self.model.stateLog.removeFirst(100) }
    }
}
