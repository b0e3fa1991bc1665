/// Commands that say something, and those about what was not sent yet.
extension Update {
    mutating func message(_ nick: String, _ text: String) {
        let bare = nick.hasPrefix("@") ? String(nick.dropFirst()) : nick
        guard Self.roomName("@" + bare) != nil else {
            self.model.hint = "usage: /msg nick [text]"
            return
        }
        guard bare.lowercased() != self.model.nick.lowercased() else {
            self.model.hint = "a conversation needs two"
            return
        }
        self.join("@" + bare, text: text)
    }

    mutating func reply(_ whom: String, _ text: String) {
        guard let room = self.model.current, !text.isEmpty else {
            self.model.hint = "usage: /reply nick text, or /reply N text for the Nth last message"
            return
        }
        guard let target = self.recentMessage(of: whom, in: room) else {
            self.model.hint = "no message of \(TextSanitiser.plain(whom)) here"
            return
        }
        self.say(text, replyTo: target.id)
    }

    mutating func edit(_ text: String) {
        guard let room = self.model.current else { return }
        guard let own = self.ownLastMessage(in: room) else {
            self.model.hint = "you have no message here to edit"
            return
        }
        guard !text.isEmpty else {
            self.model.editor.replace(with: "/edit " + own.text)
            return
        }
        self.model.outbox.add(
            id: self.newID(),
            room: room.name,
            text: text,
            kind: own.kind,
            editOf: own.id,
            at: self.model.now
        )
        self.pump()
    }

    mutating func status(_ status: Person.Status, note: String) {
        self.model.ownStatus = status
        self.model.ownNote = note
        self.request(.status(status, note: note))
    }

    mutating func retry(_ argument: String) {
        let number = Int(argument)
        guard number != nil || argument == "all" else {
            self.model.hint = "usage: /retry N|all"
            return
        }
        let count = self.model.outbox.retry(number: number)
        self.model.hint = count == 0 ? "nothing to send again" : "\(count) sent again"
        self.pump()
    }

    mutating func drop(_ argument: String) {
        let entries: [OutboxEntry]
        if argument == "all" {
            entries = self.model.outbox.entries
        } else if let number = Int(argument) {
            entries = self.model.outbox.entries.filter { $0.number == number }
        } else {
            self.model.hint = "usage: /drop N|all"
            return
        }
        // What is on its way may arrive all the same; only what still waits can be taken back.
        var dropped = 0
        for entry in entries {
            if case .sending = entry.state { continue }
            _ = self.model.outbox.drop(number: entry.number)
            if let index = self.model.index(of: entry.room) {
                self.model.rooms[index].timeline.remove(message: entry.id)
            }
            dropped += 1
        }
        let flying = entries.count - dropped
        self.model.hint = "\(dropped) dropped" + (flying > 0 ? "; \(flying) on the way cannot be taken back" : "")
        self.effects.append(.save)
    }
}
