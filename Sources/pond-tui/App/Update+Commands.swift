extension Update {
    /// Does a command.
    mutating func run(_ command: Command, _ argument: String) {
        let words = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).map(String.init)
        let first = words.first ?? ""
        let rest = words.count > 1 ? words[1] : ""
        switch command {
        case .join: self.join(first, text: rest)
        case .leave, .rejoin, .close, .pin, .move, .switch, .clear, .mark: self.runOnRoom(command, argument)
        case .mute: self.mute(argument)
        case .rooms: self.showRooms(argument)
        case .who: self.showWho(argument)
        case .topic: self.topic(argument)
        case .msg: self.message(first, rest)
        case .me: self.say(argument, kind: .action)
        case .reply: self.reply(first, rest)
        case .edit: self.edit(argument)
        case .remove: self.remove(argument)
        case .nick: self.request(.nick(first))
        case .identify: self.prove(.identify(password: argument))
        case .claim: self.prove(.claim(password: argument))
        case .kick: self.moderate(.kick, argument)
        case .ban: self.moderate(.ban, argument)
        case .unban: self.moderate(.unban, argument)
        case .unmute: self.moderate(.unmute, argument)
        case .slow: self.slow(argument)
        case .role: self.role(first, rest)
        case .away: self.status(.away, note: argument)
        case .back: self.status(.available, note: "")
        case .whois: self.whois(first)
        case .connect:
            self.model.connection.isWanted = true
            if !argument.isEmpty { self.model.url = argument }
            self.request(.connect(url: argument.isEmpty ? nil : argument))
        case .disconnect:
            self.model.connection.isWanted = false
            self.model.connection.retryAt = nil
            self.request(.disconnect)
        case .reconnect: self.reconnect()
        case .ping: self.request(.ping)
        case .state: self.showState(verbose: argument == "-v")
        case .queue: self.showQueue()
        case .retry: self.retry(argument)
        case .drop: self.drop(argument)
        case .highlight: self.toggle(argument, in: \.highlights, named: "highlight")
        case .ignore: self.toggle(argument, in: \.ignored, named: "ignore")
        case .filter: self.filterPresence(argument)
        case .search: self.search(argument)
        case .last: self.showLast(Int(first) ?? 20)
        case .unread: self.goToFirstUnread()
        case .bare: self.bare()
        case .open: self.open(argument)
        case .links: self.showLinks(argument)
        case .copy: self.copy(argument)
        case .paste: self.model.hint = "paste with your terminal's own key; long pastes are asked about"
        case .editor: self.effects.append(.edit(self.model.editor.text))
        case .exec:
            if self.model.settings.allowsExec {
                self.effects.append(.run(argument))
            } else {
                self.model.hint = "/exec is off; /set exec on allows it"
            }
        case .theme:
            if argument.isEmpty {
                self.showTheme()
            } else if rest.isEmpty, Role(rawValue: first) == nil {
                self.set("theme", to: argument)
            } else {
                self.set("theme." + first, to: rest)
            }
        case .set:
            if words.count == 2 {
                self.set(first, to: rest)
            } else {
                self.showSettings(first)
            }
        case .keys: self.keys(argument)
        case .reload: self.effects.append(.reloadSettings)
        case .log: self.set("log", to: argument.isEmpty ? "on" : argument)
        case .save:
            self.effects.append(.save)
            self.model.hint = "saved"
        case .export:
            guard let room = self.model.current else { return }
            let text = room.timeline.items.map { Transcript.line($0, secondsEast: self.model.secondsEast) }
            self.effects.append(.export(path: argument, text: text.joined(separator: "\n") + "\n"))
        case .help: self.model.overlay = .help(filter: argument, top: 0)
        case .debug: self.showDebug()
        case .quit: self.quit(force: false)
        }
    }

    private mutating func runOnRoom(_ command: Command, _ argument: String) {
        if command == .move {
            guard let number = Int(argument), let index = self.model.currentIndex else {
                self.model.hint = "usage: /move N"
                return
            }
            let room = self.model.rooms.remove(at: index)
            self.model.rooms.insert(room, at: min(max(0, number - 1), self.model.rooms.count))
            self.effects.append(.save)
            return
        }
        if command == .switch, argument.isEmpty {
            self.model.overlay = .switcher(query: "", selected: 0)
            return
        }
        guard let index = self.roomIndex(argument) else {
            self.model.hint =
                argument.isEmpty ? "no room yet: /join #lobby" : "no room \(TextSanitiser.plain(argument))"
            return
        }
        let name = self.model.rooms[index].name
        switch command {
        case .leave: self.request(.leave(room: name))
        case .rejoin: self.request(.join(room: name))
        case .close: self.close(index)
        case .pin: self.pin(index)
        case .switch: self.go(to: name)
        case .clear: self.model.rooms[index].timeline.clear()
        case .mark:
            self.model.rooms[index].marker = self.model.rooms[index].timeline.items.last { !$0.isPending }?.key
            self.model.hint = "marked: what comes from now on is new"
        default: break
        }
        self.effects.append(.save)
    }

    private mutating func close(_ index: Int) {
        let room = self.model.rooms[index]
        guard self.model.outbox.entries(of: room.name).isEmpty else {
            self.model.hint = "\(room.title) has messages that are not sent: /queue, /drop"
            return
        }
        if room.state != .closed, room.state != .declined { self.request(.leave(room: room.name)) }
        self.model.rooms.remove(at: index)
        guard room.name == self.model.currentName else { return }
        self.model.currentName = nil
        let next =
            self.model.previousName.flatMap { self.model.index(of: $0) } ?? min(index, self.model.rooms.count - 1)
        if self.model.rooms.indices.contains(next) { self.go(to: self.model.rooms[next].name) }
    }

    private mutating func pin(_ index: Int) {
        var room = self.model.rooms.remove(at: index)
        room.isPinned.toggle()
        let place = self.model.rooms.firstIndex { !$0.isPinned } ?? self.model.rooms.count
        self.model.rooms.insert(room, at: place)
    }

    private mutating func topic(_ text: String) {
        guard let room = self.model.current else { return }
        if text.isEmpty {
            self.model.hint = room.topic.isEmpty ? "no topic" : "topic: \(TextSanitiser.plain(room.topic))"
        } else {
            self.request(.topic(room: room.name, text: text))
        }
    }

    private mutating func message(_ nick: String, _ text: String) {
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

    private mutating func reply(_ whom: String, _ text: String) {
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

    private mutating func edit(_ text: String) {
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

    private mutating func status(_ status: Person.Status, note: String) {
        self.model.ownStatus = status
        self.model.ownNote = note
        self.request(.status(status, note: note))
    }

    private mutating func retry(_ argument: String) {
        let number = Int(argument)
        guard number != nil || argument == "all" else {
            self.model.hint = "usage: /retry N|all"
            return
        }
        let count = self.model.outbox.retry(number: number)
        self.model.hint = count == 0 ? "nothing to send again" : "\(count) sent again"
        self.pump()
    }

    private mutating func drop(_ argument: String) {
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

    private mutating func toggle(_ word: String, in list: WritableKeyPath<Settings, [String]>, named name: String) {
        guard !word.isEmpty else {
            let words = self.model.settings[keyPath: list]
            self.model.hint = words.isEmpty ? "\(name): none" : "\(name): " + words.joined(separator: ", ")
            return
        }
        if let index = self.model.settings[keyPath: list].firstIndex(where: {
            $0.lowercased() == word.lowercased()
        }) {
            self.model.settings[keyPath: list].remove(at: index)
            self.model.hint = "\(name): \(TextSanitiser.plain(word)) removed"
        } else {
            self.model.settings[keyPath: list].append(word)
            self.model.hint = "\(name): \(TextSanitiser.plain(word)) added"
        }
        self.effects.append(.save)
    }

    private mutating func search(_ argument: String) {
        guard let room = self.model.current else { return }
        if argument.hasPrefix("-s ") {
            self.request(.search(room: room.name, text: String(argument.dropFirst(3))))
            self.model.hint = "asking the server"
            return
        }
        let search = Search(argument, in: room)
        guard let first = search.key else {
            self.model.hint = "not found here; /search -s \(TextSanitiser.plain(argument)) asks the server"
            return
        }
        self.model.overlay = .search(search)
        self.reveal(first)
    }

    private mutating func open(_ argument: String) {
        guard let room = self.model.current else { return }
        let link = Int(argument).map { room.timeline.link($0) } ?? room.timeline.newestLink
        if let link {
            self.effects.append(.openURL(link.url))
            self.model.hint = "opening \(TextSanitiser.plain(link.url))"
        } else {
            self.model.hint = "no link \(TextSanitiser.plain(argument))"
        }
    }

    private mutating func copy(_ argument: String) {
        guard let room = self.model.current else { return }
        let text: String? =
            if let number = Int(argument) { room.timeline.link(number)?.url } else { room.timeline.newestMessage?.text }
        if let text {
            self.effects.append(.copy(text))
            self.model.hint = "copied"
        } else {
            self.model.hint = "nothing to copy"
        }
    }

    private mutating func keys(_ argument: String) {
        let words = argument.split(separator: " ").map(String.init)
        guard words.count >= 2, let action = words.last else {
            self.model.overlay = .help(filter: argument, top: 0)
            return
        }
        let sequence = words.dropLast().joined(separator: " ")
        self.model.hint = self.model.keyMap.bind(sequence, to: action) ?? "\(sequence) is now \(action)"
    }
}
