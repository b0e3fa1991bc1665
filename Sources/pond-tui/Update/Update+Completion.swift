extension Update {
    /// Tab: the first press offers candidates, the next ones go through them.
    mutating func complete(by step: Int) {
        if var completion = self.model.completion, !completion.candidates.isEmpty {
            let count = completion.candidates.count
            completion.selected = (completion.selected + step + count) % count
            self.apply(&completion)
            return
        }
        guard var completion = self.candidates() else {
            self.model.hint = "nothing completes that"
            return
        }
        if step < 0 { completion.selected = completion.candidates.count - 1 }
        self.apply(&completion)
    }

    private mutating func apply(_ completion: inout Completion) {
        let text = completion.candidates[completion.selected].text
        self.model.editor.replace(completion.range, with: text)
        completion.range = completion.range.lowerBound..<(completion.range.lowerBound + text.count)
        self.model.completion = completion.candidates.count > 1 ? completion : nil
    }

    private func candidates() -> Completion? {
        let editor = self.model.editor
        let head = editor.characters[..<editor.cursor]
        let start = (head.lastIndex { $0.isWhitespace } ?? -1) + 1
        let word = String(head[start...])
        let range = start..<editor.cursor
        var found: [Completion.Candidate]
        if start == 0, word.hasPrefix("/") {
            found = self.commands(word)
        } else if let arguments = self.arguments(of: String(head[..<start]), word) {
            found = arguments
        } else if word.hasPrefix("#") {
            found = self.rooms(word)
        } else if word.hasPrefix(":"), word.count >= 2 {
            found = EmojiNames.matching(String(word.dropFirst())).map { .init(text: $0.emoji, note: ":\($0.name):") }
        } else {
            found = self.people(word, atStart: start == 0)
        }
        if found.isEmpty, word.isEmpty { found = self.people("", atStart: start == 0) }
        return found.isEmpty ? nil : Completion(candidates: found, selected: 0, range: range)
    }

    /// What fits at this place of a command; `nil` where anything may stand.
    private func arguments(of line: String, _ word: String) -> [Completion.Candidate]? {
        guard line.hasPrefix("/"), !line.hasPrefix("//") else { return nil }
        let before = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard case .command(let command, _) = InputLine(before.first ?? "") else { return nil }
        let place = before.count
        func words(_ words: [(String, String)]) -> [Completion.Candidate] {
            words.filter { $0.0.hasPrefix(word.lowercased()) }.map { .init(text: $0.0 + " ", note: $0.1) }
        }
        switch command {
        case .join where place == 1: return self.rooms(word, andOthers: true)
        case .leave, .rejoin, .close, .switch, .who, .pin: return self.rooms(word)
        case .mute where place == 1 && word.hasPrefix("#"): return self.rooms(word)
        case .msg, .whois, .reply, .remove, .kick, .ban, .unban, .mute, .unmute, .ignore:
            guard place == 1 || (place == 2 && before[1] == "-g") else { return nil }
            return self.people(word, atStart: false)
        case .role:
            let roles = [("user", "talks"), ("moderator", "keeps order"), ("admin", "makes moderators")]
            return place == 1 ? self.people(word, atStart: false) : words(roles)
        case .set where place == 1: return words(self.model.settings.values.map { ($0.name, $0.value) })
        case .set where place == 2 && before[1] == "theme", .theme:
            return words(
                Theme.all.map { ($0.name, "") }
                    + Role.allCases.map { ($0.rawValue, StyleText.words(self.model.theme[$0])) }
            )
        case .set where place == 2 && before[1] == "notify":
            return words([("off", ""), ("9", "most"), ("777", "urxvt, foot"), ("99", "kitty")])
        case .set where place == 2 && before[1] == "fold", .filter:
            return words(PresenceFilter.allCases.map { ($0.rawValue, $0.words) })
        case .set where place == 2: return words([("on", ""), ("off", "")])
        case .log: return words([("on", ""), ("off", "")])
        case .slow: return words([("off", "everybody may write again")])
        case .help: return words(Command.allCases.map { ($0.rawValue, $0.usage.summary) })
        case .keys where place > 1: return words(Action.allCases.map { ($0.rawValue, $0.summary) })
        case .retry, .drop: return words([("all", "")])
        default: return nil
        }
    }

    private func commands(_ word: String) -> [Completion.Candidate] {
        Command.allCases.filter { ("/" + $0.rawValue).hasPrefix(word.lowercased()) }.map {
            Completion.Candidate(text: "/\($0.rawValue) ", note: $0.usage.arguments)
        }
    }

    /// The user's rooms, then the server's others, the fullest first; the `#` need not be typed.
    private func rooms(_ word: String, andOthers: Bool = false) -> [Completion.Candidate] {
        let wanted = (word.hasPrefix("#") || word.hasPrefix("@") ? word : "#" + word).lowercased()
        let own = self.model.rooms.filter { $0.title.lowercased().hasPrefix(wanted) }.map {
            Completion.Candidate(text: $0.title + " ", note: $0.state.rawValue.lowercased())
        }
        guard andOthers else { return own }
        let others = self.model.directory.values
            .filter { ("#" + $0.name).hasPrefix(wanted) && self.model.index(of: $0.name) == nil }
            .sorted { ($1.members, $0.name) < ($0.members, $1.name) }
        return own
            + others.prefix(200).map { room in
                Completion.Candidate(
                    text: "#" + TextSanitiser.plain(room.name) + " ",
                    note: "\(room.members) here" + (room.topic.isEmpty ? "" : ": \(room.topic)")
                )
            }
    }

    /// Who spoke last comes first, then the others by name; with a colon where a line begins.
    private func people(_ word: String, atStart: Bool) -> [Completion.Candidate] {
        guard let room = self.model.current else { return [] }
        let isAt = word.hasPrefix("@")
        let wanted = (isAt ? String(word.dropFirst()) : word).lowercased()
        var names: [String] = []
        var seen: Set<String> = [self.model.nick]
        for message in room.timeline.items.reversed().lazy.compactMap(\.message).prefix(500)
        where seen.insert(message.author).inserted && message.author.lowercased().hasPrefix(wanted) {
            names.append(message.author)
        }
        var present: [String] = []
        for person in room.people
        where seen.insert(person.name).inserted && person.name.lowercased().hasPrefix(wanted) {
            present.append(person.name)
        }
        names += present.sorted { $0.lowercased() < $1.lowercased() }
        return names.map { name in
            let person = room.people[named: name]
            let note = person.map { $0.role ?? ($0.status == .available ? "" : $0.status.rawValue) } ?? "not here"
            let safe = TextSanitiser.plain(name)
            return Completion.Candidate(text: (isAt ? "@" + safe : safe) + (atStart && !isAt ? ": " : " "), note: note)
        }
    }
}
