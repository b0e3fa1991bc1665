extension Update {
    /// Shows a room.
    mutating func go(to name: String) {
        guard let index = self.model.index(of: name) else { return }
        guard name != self.model.currentName else {
            self.readCurrent()
            return
        }
        if let current = self.model.currentIndex {
            // What was seen needs no marker any more.
            if self.model.rooms[current].unread == 0 { self.model.rooms[current].marker = nil }
            self.model.previousName = self.model.currentName
        }
        self.model.currentName = name
        self.model.completion = nil
        self.model.narrowPane = nil
        self.model.typingToldAt = nil
        self.readCurrent()
        if self.model.rooms[index].state == .joined, self.model.rooms[index].history == .unknown {
            self.requestHistory(name)
        }
        self.effects.append(.save)
    }

    /// The user sees the room shown: nothing of it is unread.
    mutating func readCurrent() {
        guard self.model.isFocused, let index = self.model.currentIndex, self.model.rooms[index].scroll == nil else {
            return
        }
        self.model.rooms[index].unread = 0
        self.model.rooms[index].mentions = 0
        if let newest = self.model.rooms[index].timeline.newestMessage { self.read(newest, index) }
    }

    /// A message was seen; the server learns of it a little later, so that a flood is one mark and not thousands.
    mutating func read(_ message: ChatMessage, _ index: Int) {
        guard self.model.rooms[index].lastReadID != message.id || self.model.rooms[index].toldReadID != message.id
        else { return }
        self.model.rooms[index].lastReadID = message.id
        if self.model.rooms[index].readDueAt == nil, self.model.rooms[index].toldReadID != message.id {
            self.model.rooms[index].readDueAt = self.model.now + Room.readDelay
        }
    }

    /// Tells the server how far rooms are read: those whose time has come, or all.
    mutating func tellRead(all: Bool) {
        guard self.model.connection.state == .connected else { return }
        for index in self.model.rooms.indices {
            let room = self.model.rooms[index]
            guard room.state == .joined, let due = room.readDueAt, all || due <= self.model.now else { continue }
            self.model.rooms[index].readDueAt = nil
            guard let id = room.lastReadID, id != room.toldReadID else { continue }
            self.model.rooms[index].toldReadID = id
            self.request(.markRead(room: room.name, id: id))
        }
    }

    mutating func go(toNumber number: Int) {
        guard self.model.rooms.indices.contains(number - 1) else {
            self.model.hint = "no room \(number)"
            return
        }
        self.go(to: self.model.rooms[number - 1].name)
    }

    mutating func go(by step: Int) {
        guard let index = self.model.currentIndex else {
            if let first = self.model.rooms.first { self.go(to: first.name) }
            return
        }
        let count = self.model.rooms.count
        self.go(to: self.model.rooms[(index + step + count) % count].name)
    }

    /// The room that needs the user most: mentions, then conversations, then others unread.
    mutating func goToImportant() {
        let rooms = self.model.rooms.filter { $0.name != self.model.currentName && $0.unread > 0 && !$0.isMuted }
        if let room = rooms.min(by: { $0.rank < $1.rank }) {
            self.go(to: room.name)
        } else {
            self.model.hint = "nothing unread"
        }
    }

    mutating func goToFirstUnread() {
        guard let room = self.model.current, room.countAfterMarker(own: self.model.nick, self.model.settings) > 0,
            let marker = room.marker,
            let index = room.timeline.index(ofKey: marker), index + 1 < room.timeline.items.count
        else {
            self.model.hint = "nothing unread here; M-a goes to the next room with something new"
            return
        }
        // The text begins at the top: an unread message may have more rows than the pane.
        let layout = self.model.layout(self.model.size)
        let first = room.timeline.items[index + 1].key
        let anchor = self.model.timelineLayout(room, layout).anchor(beginningAt: first, pane: layout.timeline.rows)
        self.withCurrent { $0.scroll = anchor }
        if anchor == nil { self.readCurrent() }
    }

    mutating func goToMention(forward: Bool) {
        guard let room = self.model.current else { return }
        let items = room.timeline.items
        let mentions = items.indices.filter { index in
            guard let message = items[index].message else { return false }
            return !self.model.settings.ignores(message.author) && self.model.concernsUser(message, in: room)
        }
        let at = room.scroll.flatMap { room.timeline.index(ofKey: $0.key) } ?? items.count
        let target = forward ? mentions.first { $0 > at } : mentions.last { $0 < at }
        if let target { self.reveal(items[target].key) } else { self.model.hint = "no other mention" }
    }

    /// Scrolls so that an entry is seen.
    mutating func reveal(_ key: Int) {
        let layout = self.model.layout(self.model.size)
        guard let room = self.model.current else { return }
        let anchor = self.model.timelineLayout(room, layout).anchor(showing: key, pane: layout.timeline.rows)
        self.withCurrent { $0.scroll = anchor }
    }

    mutating func scroll(pages: Int) {
        let rows = self.model.layout(self.model.size).timeline.rows
        self.scroll(rows: pages * max(1, rows - 2))
    }

    mutating func scroll(rows: Int) {
        let layout = self.model.layout(self.model.size)
        guard let room = self.model.current else { return }
        let before = room.scroll
        let pane = layout.timeline.rows
        let anchor = self.model.timelineLayout(room, layout).anchor(movedBy: rows, pane: pane)
        self.withCurrent { $0.scroll = anchor }
        if anchor == nil { self.readCurrent() }
        // At the top, or where all of it fits the pane: older ones are wanted.
        if rows < 0, anchor == before || anchor == self.model.timelineLayout(room, layout).topAnchor(pane: pane) {
            self.requestOlder()
        }
    }

    mutating func scrollToTop() {
        let layout = self.model.layout(self.model.size)
        guard let room = self.model.current else { return }
        let anchor = self.model.timelineLayout(room, layout).topAnchor(pane: layout.timeline.rows)
        self.withCurrent { $0.scroll = anchor }
        self.requestOlder()
    }

    mutating func scrollToBottom() {
        self.withCurrent { $0.scroll = nil }
        self.readCurrent()
    }

    private mutating func requestOlder() {
        guard let room = self.model.current, room.history == .more || room.history == .unknown else { return }
        self.requestHistory(room.name)
    }

    mutating func requestHistory(_ name: String) {
        guard let index = self.model.index(of: name), self.model.rooms[index].state == .joined else { return }
        let before = self.model.rooms[index].history == .unknown ? nil : self.model.rooms[index].timeline.oldestMessage
        self.model.rooms[index].history = .loading
        self.model.rooms[index].historyRetryAt = nil
        self.request(.history(room: name, before: before))
    }

    /// Enters a room, in the list at once, on the server as soon as that can be.
    mutating func join(_ argument: String, text: String) {
        guard let name = Room.name(typed: argument) else {
            self.model.hint = "a room's name has letters, digits, - _ . and at most 32 of them"
            return
        }
        if self.model.index(of: name) == nil {
            self.model.rooms.append(Room(name))
            self.request(.join(room: name))
        } else if let state = self.model.index(of: name).map({ self.model.rooms[$0].state }),
            state == .closed || state == .declined || state == .idle
        {
            self.request(.join(room: name))
        }
        self.go(to: name)
        if !text.isEmpty { self.say(text) }
        self.effects.append(.save)
    }

    /// Who came without a room sees which there are; the only one is entered at once.
    mutating func offerRooms() {
        guard self.model.wantsRoomList else { return }
        self.model.wantsRoomList = false
        guard self.model.rooms.isEmpty else { return }
        guard self.model.directory.count > 1 else {
            return self.join(self.model.directory.keys.first ?? Room.standard, text: "")
        }
        if self.model.overlay == nil { self.model.overlay = .switcher(query: "", selected: 0) }
    }

    /// The room an argument names, or the one shown.
    func roomIndex(_ argument: String) -> Int? {
        guard !argument.isEmpty else { return self.model.currentIndex }
        if let number = Int(argument), self.model.rooms.indices.contains(number - 1) { return number - 1 }
        guard let name = Room.name(typed: argument) else { return nil }
        return self.model.index(of: name)
            ?? RoomSearch.rooms(name, in: self.model.rooms).first.flatMap(self.model.index)
    }

    /// What F5 says until the connection says more.
    static let connectingNow = "connecting now"

    mutating func reconnect() {
        self.model.connection.isWanted = true
        self.request(.reconnect)
        self.model.hint = Self.connectingNow
    }

    mutating func filterPresence(_ argument: String) {
        // Without a word between all that matters and what is folded, as with the key.
        self.set("fold", to: argument.isEmpty ? self.model.settings.presence.next.rawValue : argument)
        if PresenceFilter(rawValue: argument) != nil || argument.isEmpty {
            self.model.hint = self.model.settings.presence.words
        }
    }

    /// Changes a setting and what hangs on it.
    mutating func set(_ name: String, to value: String) {
        if let problem = self.model.settings.set(name, to: value) {
            self.model.hint = problem
            return
        }
        self.model.hint = "\(name) is \(self.model.settings.values.first { $0.name == name }?.value ?? value)"
        if name == "vi" { self.model.vi = ViKeys() }
        if name == "mouse" { self.effects.append(.mouse(self.model.settings.mouse)) }
        self.effects.append(.save)
    }

    mutating func bare() {
        guard let room = self.model.current else { return }
        let lines = room.timeline.items.suffix(500).map { Transcript.line($0, secondsEast: self.model.secondsEast) }
        self.effects.append(.bare(lines))
    }

    mutating func quit(force: Bool) {
        if self.model.isScript {
            self.model.isQuitting = true
            self.effects.append(.endInput)
            return
        }
        if !force, !self.model.outbox.entries.isEmpty, self.model.overlay != .quit {
            self.model.overlay = .quit
            return
        }
        self.model.isQuitting = true
        self.tellRead(all: true)
        self.effects.append(.save)
        self.effects.append(.quit(code: 0))
    }
}
