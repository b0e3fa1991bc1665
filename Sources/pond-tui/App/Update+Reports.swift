extension Update {
    mutating func showRooms() {
        self.show(
            "ROOMS",
            self.model.rooms.enumerated().map { index, room in
                Renderer.pad("\(index + 1)", 4) + Renderer.pad(TextSanitiser.plain(room.title), 24)
                    + Renderer.pad(room.state.rawValue, 10) + "\(room.people.count) here, \(room.unread) unread"
            }
        )
    }

    mutating func showWho(_ argument: String) {
        guard let index = self.roomIndex(argument) else {
            self.model.hint = "no such room"
            return
        }
        let room = self.model.rooms[index]
        let stale = room.isStale ? " (not live)" : ""
        self.show(
            "HERE \(room.title)\(stale)",
            Renderer.sorted(room.people, own: self.model.nick).map { person in
                Renderer.pad(TextSanitiser.plain(person.name), 24) + Renderer.pad(person.status.rawValue, 12)
                    + [person.role, person.note.isEmpty ? nil : person.note].compactMap(\.self).joined(separator: ", ")
            }
        )
    }

    mutating func whois(_ nick: String) {
        var lines: [String] = []
        for room in self.model.rooms {
            guard let person = room.people.first(where: { $0.name.lowercased() == nick.lowercased() }) else { continue }
            var words = "\(room.title): \(person.status.rawValue)"
            if !person.note.isEmpty { words += " (\(person.note))" }
            if let role = person.role { words += ", \(role)" }
            if let since = person.since { words += ", since \(self.model.civil(since).clock)" }
            lines.append(words)
        }
        self.show(nick, lines.isEmpty ? ["not in any of your rooms"] : lines)
    }

    mutating func showQueue() {
        let entries = self.model.outbox.entries.map { entry -> String in
            let state =
                switch entry.state {
                case .queued(let notBefore):
                    notBefore.map { "queued until \(self.model.civil($0).clockWithSeconds)" } ?? "queued"
                case .sending(let since): "sending \(Elapsed.brief(milliseconds: self.model.now - since))"
                case .failed(let reason): "failed: \(reason)"
                case .held: "held"
                }
            return Renderer.pad("\(entry.number)", 5) + Renderer.pad(TextSanitiser.plain("#" + entry.room), 16)
                + Renderer.pad(state, 20) + entry.text
        }
        self.show("QUEUE   /retry N|all   /drop N|all", entries.isEmpty ? ["empty: everything is confirmed"] : entries)
    }

    mutating func showState(verbose: Bool) {
        let status = self.model.connection
        var lines = [
            "conn \(status.state.rawValue) since \(status.since.map { self.model.civil($0).clockWithSeconds } ?? "-")"
        ]
        lines.append("  url \(self.model.url)")
        lines.append("  try \(status.attempt), lag \(status.lagMilliseconds.map { "\($0) ms" } ?? "unknown")")
        if let retryAt = status.retryAt {
            lines.append("  next try in \(max(0, (retryAt - self.model.now + 999) / 1_000)) s")
        }
        if let reason = status.reason { lines.append("  last error: \(reason)") }
        for room in self.model.rooms {
            let since = room.stateSince.map { self.model.civil($0).clockWithSeconds } ?? "-"
            let reason = room.stateReason.map { " (\($0))" } ?? ""
            lines.append("\(room.title) \(room.state.rawValue) since \(since)\(reason)")
        }
        let counts = self.model.outbox.counts
        lines.append("outbox: \(counts.queued) queued, \(counts.sending) sending, \(counts.failed) failed")
        if verbose {
            lines.append("log:")
            lines += self.model.stateLog.suffix(50).map { entry in
                "  \(self.model.civil(entry.time).clockWithSeconds) \(entry.room.map { "#" + $0 } ?? "conn")"
                    + " \(entry.state) \(entry.detail)"
            }
        }
        self.show("STATE", lines)
    }

    mutating func showLast(_ count: Int) {
        guard let room = self.model.current else { return }
        let lines = room.timeline.items.suffix(max(1, count))
            .map { Transcript.line($0, secondsEast: self.model.secondsEast) }
            .flatMap { $0.split(separator: "\n").map(String.init) }
        self.show("LAST \(count) of \(room.title)", lines)
    }

    mutating func showDebug() {
        let entries = self.model.rooms.reduce(0) { $0 + $1.timeline.items.count }
        self.show(
            "DEBUG",
            [
                "screen \(self.model.size.columns)x\(self.model.size.rows), charset \(self.model.charset)",
                "rooms \(self.model.rooms.count), entries \(entries), state log \(self.model.stateLog.count)",
                "next wake \(self.model.nextTick.map { "in \($0 - self.model.now) ms" } ?? "only for events")",
            ]
        )
    }
}
