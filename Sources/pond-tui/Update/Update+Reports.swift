extension Update {
    /// The user's rooms with their states, then the server's others, the fullest first.
    mutating func showRooms(_ filter: String) {
        let wanted = (filter.hasPrefix("#") ? String(filter.dropFirst()) : filter).lowercased()
        func isWanted(_ name: String, _ topic: String) -> Bool {
            wanted.isEmpty || name.lowercased().contains(wanted) || topic.lowercased().contains(wanted)
        }
        var lines = self.model.rooms.enumerated().filter { isWanted($0.element.name, $0.element.topic) }
            .map { index, room in
                PageLayout.pad("\(index + 1)", 4) + PageLayout.pad(TextSanitiser.plain(room.title), 22)
                    + PageLayout.pad(room.state.rawValue, 10)
                    + PageLayout.pad("\(room.people.count) here, \(room.unread) unread", 22)
                    + TextSanitiser.plain(room.topic)
            }
        let others = self.model.directory.values
            .filter { self.model.index(of: $0.name) == nil && isWanted($0.name, $0.topic) }
            .sorted { ($1.members, $0.name) < ($0.members, $1.name) }
        if !others.isEmpty {
            lines += ["", "OTHER ROOMS   /join #name"]
            lines += others.prefix(500).map { room in
                "    " + PageLayout.pad("#" + TextSanitiser.plain(room.name), 32)
                    + PageLayout.pad("\(room.members) here", 22) + TextSanitiser.plain(room.topic)
            }
        }
        self.show("ROOMS", lines.isEmpty ? ["none yet: /join #lobby"] : lines)
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
            room.people.map { person in
                PageLayout.pad(TextSanitiser.plain(person.name), 24) + PageLayout.pad(person.status.rawValue, 12)
                    + [person.role, person.note.isEmpty ? nil : person.note].compactMap(\.self).joined(separator: ", ")
            }
        )
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
            let room = self.model.index(of: entry.room).map { self.model.rooms[$0] }
            let target = entry.changes.map { id in
                room?.timeline.message(id).map { self.model.words($0) } ?? "a message that is not loaded"
            }
            let what =
                switch entry.purpose {
                case .message: entry.text
                case .edit: "edit of \(target ?? ""): \(entry.text)"
                case .removal: "removal of \(target ?? "")"
                }
            return PageLayout.pad("#\(entry.number)", 5)
                + PageLayout.pad(TextSanitiser.plain(room?.title ?? "#" + entry.room), 16)
                + PageLayout.pad(state, 20) + what
        }
        self.show("QUEUE   /retry N|all   /drop N|all", entries.isEmpty ? ["empty: everything is confirmed"] : entries)
    }

    mutating func showState(verbose: Bool) {
        let status = self.model.connection
        var lines = [
            "conn \(status.state.rawValue) since \(status.since.map { self.model.civil($0).clockWithSeconds } ?? "-")"
        ]
        lines.append("  url \(self.model.url)")
        let lag = status.lagMilliseconds.map { $0 < 1 ? "under 1 ms" : "\($0) ms" } ?? "unknown"
        let silence = self.model.silence.map { ", no answer for \($0)" } ?? ""
        lines.append("  try \(status.attempt), lag \(silence.isEmpty ? lag : "unknown")\(silence)")
        if let lastHeard = status.lastHeard {
            lines.append("  last heard \(Elapsed.brief(milliseconds: self.model.now - lastHeard)) ago")
        }
        if let retryAt = status.retryAt {
            lines.append("  next try in \(Elapsed.seconds(roundingUp: retryAt - self.model.now)) s")
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

    /// The links of the room shown, the newest first.
    mutating func showLinks(_ filter: String) {
        guard let room = self.model.current else { return }
        let wanted = filter.lowercased()
        let lines = room.timeline.items.reversed().flatMap { item -> [String] in
            guard let message = item.message else { return [] }
            return item.links.reversed().compactMap { link in
                guard
                    wanted.isEmpty || link.url.lowercased().contains(wanted)
                        || message.author.lowercased() == wanted
                else { return nil }
                return PageLayout.pad("\(link.number)", 5) + self.model.civil(message.time).clock + " "
                    + PageLayout.pad(TextSanitiser.plain(message.author), 12) + TextSanitiser.plain(link.url)
            }
        }
        self.show("LINKS of \(room.title)   /open N   /copy N", lines.isEmpty ? ["none"] : Array(lines.prefix(500)))
    }

    /// The settings with what they are for; of one alone its value.
    mutating func showSettings(_ name: String) {
        let values = self.model.settings.values.filter { name.isEmpty || $0.name.hasPrefix(name) }
        guard !values.isEmpty else {
            self.model.hint = "no setting \(TextSanitiser.plain(name)); /set lists them"
            return
        }
        self.show(
            "SETTINGS   /set name value",
            values.map {
                PageLayout.pad($0.name, 13) + PageLayout.pad($0.value, 10) + " " + Settings.summary($0.name)
            }
        )
    }

    /// The themes, and how each piece of the screen looks now.
    mutating func showTheme() {
        let theme = self.model.theme
        let own = self.model.settings.looks
        let names = theme.nameColours.map { StyleText.words(Style($0)) }.joined(separator: ",")
        self.show(
            "THEME   /theme name   /theme role magenta bold   /theme role theme",
            [
                "themes: "
                    + Theme.all.map { $0.name == self.model.settings.theme ? "[\($0.name)]" : $0.name }
                    .joined(separator: ", "),
                "looks: a colour (black red green yellow blue magenta cyan white grey, 0 to 255, #rrggbb),",
                "       on a colour; bold dim reverse underline; default", "",
            ]
                + Role.allCases.map { role in
                    PageLayout.pad(role.rawValue, 16) + StyleText.words(theme[role])
                        + (own[role.rawValue] == nil ? "" : "   (yours)")
                } + [PageLayout.pad(Settings.namesKey, 16) + (names.isEmpty ? "bold" : names)]
        )
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
