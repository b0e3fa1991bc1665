/// From what the server found to its place in the room, and back.
extension Update {
    mutating func found(_ messages: [ChatMessage], _ query: String, in room: String) {
        if self.model.hint == Self.askingServer { self.model.hint = nil }
        let shown = messages.filter { !self.model.settings.ignores($0.author) }
        let origin = self.model.index(of: room).flatMap { self.model.rooms[$0].scroll }
        self.model.overlay = .found(FoundMessages(room: room, query: query, messages: shown, origin: origin))
    }

    static let askingServer = "asking the server"

    mutating func pressInFound(_ key: Key, _ found: FoundMessages, _ isCancel: Bool) {
        var next = found
        let last = max(0, found.messages.count - 1)
        switch key.code {
        case _ where isCancel:
            self.model.overlay = nil
            self.model.sought = nil
            // Back where the user was before.
            if self.model.results != nil {
                self.with(found.room) { $0.scroll = found.origin }
                self.model.results = nil
                if found.origin == nil { self.readCurrent() }
            }
            return
        case .up, .character("k"): next.selected = max(0, found.selected - 1)
        case .down, .character("j"): next.selected = min(last, found.selected + 1)
        case .pageUp: next.selected = max(0, found.selected - 10)
        case .pageDown: next.selected = min(last, found.selected + 10)
        case .home: next.selected = 0
        case .end: next.selected = last
        case .enter:
            guard found.messages.indices.contains(found.selected) else {
                self.model.overlay = nil
                return
            }
            self.model.results = found
            self.model.overlay = nil
            self.go(to: found.room)
            self.seek(SoughtMessage(room: found.room, id: found.messages[found.selected].id))
            return
        default: break
        }
        self.model.overlay = .found(next)
    }

    /// Shows a message among those around it, when it is here; else asks for an older page.
    mutating func seek(_ sought: SoughtMessage) {
        guard let room = self.model.index(of: sought.room).map({ self.model.rooms[$0] }) else { return }
        if let place = room.timeline.index(ofMessage: sought.id) {
            self.model.sought = nil
            guard sought.room == self.model.currentName else { return }
            let key = room.timeline.items[place].key
            self.reveal(key)
            self.model.overlay = .selection(Selection(key: key))
            self.model.hint = self.model.results == nil ? nil : "Esc leads back to what was found"
            return
        }
        guard room.state == .joined, room.history != .complete, sought.pages < SoughtMessage.mostPages else {
            self.model.sought = nil
            self.model.hint = "that message is too far back, or not there any more"
            return
        }
        self.model.sought = SoughtMessage(room: sought.room, id: sought.id, pages: sought.pages + 1)
        self.model.hint = "loading older messages"
        if room.history != .loading { self.requestHistory(sought.room) }
    }
}
