/// Commands that find, open and copy, and words and keys of the user's own.
extension Update {
    mutating func toggle(_ word: String, in list: WritableKeyPath<Settings, [String]>, named name: String) {
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
        if list == \Settings.ignored { self.recountUnread() }
        self.effects.append(.save)
    }

    mutating func search(_ argument: String) {
        guard let room = self.model.current else { return }
        if argument.hasPrefix("-s ") {
            self.request(.search(room: room.name, text: String(argument.dropFirst(3))))
            self.model.hint = Self.askingServer
            return
        }
        let search = Search(argument, in: room, origin: room.scroll)
        guard let first = search.key else {
            self.model.hint = "not found here; /search -s \(TextSanitiser.plain(argument)) asks the server"
            return
        }
        self.model.overlay = .search(search)
        self.reveal(first)
    }

    mutating func open(_ argument: String) {
        guard let room = self.model.current else { return }
        let link = Int(argument).map { room.timeline.link($0) } ?? room.timeline.newestLink
        if let link {
            self.effects.append(.openURL(link.url))
            self.model.hint = "opening " + TextSanitiser.plain(TextSanitiser.clipped(link.url, to: 40))
        } else {
            self.model.hint = "no link \(TextSanitiser.plain(argument))"
        }
    }

    mutating func copy(_ argument: String) {
        guard let room = self.model.current else { return }
        let text: String? =
            if let number = Int(argument) {
                room.timeline.link(number)?.url
            } else {
                self.model.message("1", in: room).flatMap { $0.isRemoved ? nil : $0.text }
            }
        if let text {
            self.effects.append(.copy(text))
            self.model.hint = "copied"
        } else {
            self.model.hint = "nothing to copy"
        }
    }

    mutating func keys(_ argument: String) {
        let words = argument.split(separator: " ").map(String.init)
        guard words.count >= 2, let action = words.last else {
            self.model.overlay = .help(filter: argument, top: 0)
            return
        }
        let sequence = words.dropLast().joined(separator: " ")
        self.model.hint = self.model.keyMap.bind(sequence, to: action) ?? "\(sequence) is now \(action)"
    }
}
