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
        case .reply: self.reply(argument)
        case .edit: self.edit(argument)
        case .remove: self.remove(argument)
        case .nick: self.request(.nick(first))
        case .identify: self.prove(.identify(password: argument))
        case .claim: self.claim(argument)
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
            let url = argument.isEmpty ? nil : ServerAddress.url(argument)
            guard argument.isEmpty || url != nil else {
                self.model.hint = "no server \(TextSanitiser.plain(argument)): HOST, HOST:PORT or wss://HOST/PATH"
                return
            }
            self.model.connection.isWanted = true
            if let url { self.model.url = url }
            self.request(.connect(url: url))
        case .disconnect:
            self.model.connection.isWanted = false
            self.model.connection.retryAt = nil
            self.request(.disconnect)
        case .reconnect: self.reconnect()
        case .ping: self.request(.ping)
        case .state: self.showState(verbose: argument == "-v")
        case .fault: self.fault(argument)
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
}
