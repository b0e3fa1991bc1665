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

    private func commands(_ word: String) -> [Completion.Candidate] {
        Command.allCases.filter { ("/" + $0.rawValue).hasPrefix(word.lowercased()) }.map {
            Completion.Candidate(text: "/\($0.rawValue) ", note: $0.usage.arguments)
        }
    }

    private func rooms(_ word: String) -> [Completion.Candidate] {
        self.model.rooms.filter { $0.title.lowercased().hasPrefix(word.lowercased()) && !$0.isDirect }.map {
            Completion.Candidate(text: $0.title + " ", note: $0.state.rawValue.lowercased())
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
        for person in room.people.sorted(by: { $0.name.lowercased() < $1.name.lowercased() })
        where seen.insert(person.name).inserted && person.name.lowercased().hasPrefix(wanted) {
            names.append(person.name)
        }
        return names.map { name in
            let person = room.people.first { $0.name == name }
            let note = person.map { $0.role ?? ($0.status == .available ? "" : $0.status.rawValue) } ?? "not here"
            let safe = TextSanitiser.plain(name)
            return Completion.Candidate(text: (isAt ? "@" + safe : safe) + (atStart && !isAt ? ": " : " "), note: note)
        }
    }
}
