/// What is said, by whom and to whom it got; who comes and goes.
extension Update {
    mutating func receive(_ message: ChatMessage, in name: String) {
        guard let index = self.model.index(of: name) else { return }
        var message = message
        if message.offset != nil { self.model.rooms[index].isNumbered = true }
        message.isUnstored = self.model.apart != nil && message.offset == nil && self.model.rooms[index].isNumbered
        let isOwn = message.author == self.model.nick
        let last = self.model.rooms[index].timeline.items.last { !$0.isPending && !$0.isOld }?.key
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
        let isMention = self.model.concernsUser(message, in: room)
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

    /// Opens a conversation that somebody began; not with those who are ignored.
    mutating func direct(_ room: String, _ message: ChatMessage?) {
        guard !self.model.settings.ignores(String(room.dropFirst())) else { return }
        self.channel(room, .idle, reason: nil)
        guard self.model.index(of: room) != nil else { return }
        if let message { self.receive(message, in: room) }
        self.request(.join(room: room))
    }

    mutating func logged(_ message: ChatMessage, in room: String) {
        guard self.model.settings.log, !message.isPending else { return }
        let line = Transcript.line(
            TimelineItem(key: 0, content: .message(message)),
            secondsEast: self.model.secondsEast
        )
        self.effects.append(.log(room: room, line: line))
    }

    mutating func delivered(_ id: String) {
        guard let entry = self.model.outbox.confirm(id) else { return }
        let nick = self.model.nick
        self.with(entry.room) { room in
            switch entry.purpose {
            case .message: room.timeline.confirm(id)
            case .edit(let edited): _ = room.timeline.edit(edited, to: entry.text, by: nil)
            case .removal(let removed, _): room.timeline.markRemoved(removed, by: nick)
            }
        }
        self.pump()
    }

    /// A message is not sent again by itself after a longer wait than this: who wrote it decides.
    static let longestPatience: Int64 = 60_000

    mutating func refused(_ id: String, _ reason: String, _ retryAfter: Int64?, isCertain: Bool) {
        guard let entry = self.model.outbox.entry(id) else { return }
        if isCertain {
            self.model.outbox.markRefused(id)
            if self.applyChanges(to: entry) { return self.pump() }
        }
        if let retryAfter, retryAfter <= Self.longestPatience {
            self.model.outbox.set(id, .queued(notBefore: self.model.now + max(200, retryAfter)))
            // A pause one can see passing needs no word; a long one does.
            if retryAfter > 3_000, self.model.hint == nil {
                self.model.hint = "\(reason); it goes out in \(Elapsed.seconds(roundingUp: retryAfter)) s"
            }
        } else if case .removal = entry.purpose {
            // Nothing that the user wrote is lost with it.
            self.discard(entry)
            self.model.hint = "the message was not removed: \(reason)"
        } else {
            self.model.outbox.set(id, .failed(reason: reason))
            let title = self.model.index(of: entry.room).map { self.model.rooms[$0].title } ?? entry.room
            self.model.hint =
                "a message to \(title) was refused: \(reason); /retry \(entry.number), /drop \(entry.number)"
        }
        self.pump()
    }

    mutating func history(_ messages: [ChatMessage], of name: String, _ isComplete: Bool) {
        guard let index = self.model.index(of: name) else { return }
        let isFirst = !self.model.rooms[index].hasHistory && self.model.rooms[index].marker == nil
        if !self.model.rooms[index].hasHistory { self.model.rooms[index].timeline.dropOld() }
        self.model.rooms[index].hasHistory = true
        for message in messages {
            let insertion = self.model.rooms[index].timeline.insert(message)
            if case .added = insertion { self.model.rooms[index].resyncCount += 1 }
            if self.model.outbox.confirm(message.id) != nil { self.model.rooms[index].timeline.confirm(message.id) }
        }
        self.pump()
        self.model.rooms[index].history = isComplete ? .complete : .more
        self.model.rooms[index].historyFailures = 0
        self.fillGap(index, messages, isComplete)
        if isFirst { self.restoreMarker(index) }
        if let sought = self.model.sought, sought.room == name { self.seek(sought) }
        if name == self.model.currentName { self.readCurrent() }
    }

    /// After an outage that the server could not replay: page by page, until what was here before.
    mutating func fillGap(_ index: Int, _ messages: [ChatMessage], _ isComplete: Bool) {
        guard let until = self.model.rooms[index].resyncUntil else { return }
        // A gap larger than what is kept cannot be filled.
        guard !isComplete, self.model.rooms[index].resyncCount < Timeline.capacity, let oldest = messages.first,
            !messages.contains(where: { $0.id == until })
        else {
            self.model.rooms[index].resyncUntil = nil
            let count = self.model.rooms[index].resyncCount
            self.missed(count, in: self.model.rooms[index].name)
            return
        }
        self.model.rooms[index].history = .loading
        self.request(.history(room: self.model.rooms[index].name, before: oldest))
    }

    mutating func presence(_ person: Person, in name: String, joined: Bool) {
        let now = self.model.now
        let own = self.model.nick
        let isIgnored = self.model.settings.ignores(person.name)
        self.with(name) { room in
            let isNews = joined ? room.people.insert(person) : room.people.remove(person.name)
            room.typing[person.name] = nil
            room.peopleAsOf = now
            // The lists that come with joining are no news.
            guard room.hasPeople, person.name != own, isNews, !isIgnored else { return }
            room.timeline.append(.presence(name: person.name, joined: joined, time: now))
        }
    }
}
