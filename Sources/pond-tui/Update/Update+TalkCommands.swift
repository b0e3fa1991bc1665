/// Commands that say something, and those about the queue.
extension Update {
    mutating func message(_ nick: String, _ text: String) {
        let bare = nick.hasPrefix("@") ? String(nick.dropFirst()) : nick
        guard Room.name(typed: "@" + bare) != nil else {
            self.model.hint = "usage: /msg nick [text]"
            return
        }
        guard bare.lowercased() != self.model.nick.lowercased() else {
            self.model.hint = "a conversation needs two"
            return
        }
        self.join("@" + bare, text: text)
    }

    mutating func status(_ status: Person.Status, note: String) {
        self.model.ownStatus = status
        self.model.ownNote = note
        self.request(.status(status, note: note))
    }

    /// `N`, or `#N` as the screen writes it.
    private static func queueNumber(_ text: String) -> Int? {
        Int(text.hasPrefix("#") ? String(text.dropFirst()) : text)
    }

    mutating func retry(_ argument: String) {
        let number = Self.queueNumber(argument)
        guard number != nil || argument == "all" else {
            self.model.hint = "usage: /retry N|all"
            return
        }
        let count = self.model.outbox.retry(number: number, at: self.model.now)
        self.model.hint = count == 0 ? "nothing to send again" : "\(count) sent again"
        self.effects.append(.save)
        self.pump()
    }

    mutating func drop(_ argument: String) {
        let entries: [OutboxEntry]
        if argument == "all" {
            entries = self.model.outbox.entries
        } else if let number = Self.queueNumber(argument) {
            entries = self.model.outbox.entries.filter { $0.number == number }
        } else {
            self.model.hint = "usage: /drop N|all"
            return
        }
        // What is on its way may arrive all the same; only what still waits can be taken back.
        var dropped = 0
        var uncertain = 0
        var flying = 0
        for entry in entries where self.model.outbox.entry(entry.id) != nil {
            if case .sending = entry.state {
                flying += 1
                continue
            }
            self.discard(entry)
            dropped += 1
            if entry.mayHaveArrived { uncertain += 1 }
        }
        self.model.hint =
            "\(dropped) dropped" + (flying > 0 ? "; \(flying) on the way cannot be taken back" : "")
            + (uncertain > 0 ? "; \(uncertain) may have arrived before the connection was lost" : "")
        self.pump()
    }
}
