extension Update {
    /// A key while something is open.
    mutating func pressInOverlay(_ key: Key) {
        guard let overlay = self.model.overlay else { return }
        let isCancel =
            key == Key(.escape) || key == Key(.character("c"), .control) || key == Key(.character("g"), .control)
        switch overlay {
        case .help(let filter, let top):
            if isCancel || key == Key(.function(1)) {
                self.model.overlay = nil
            } else if let moved = self.scrolled(top, by: key) {
                let rows = PageLayout.helpRows(self.model, filter: filter, self.model.size).count
                let last = max(0, rows - PageLayout.pageRows(self.model.size))
                self.model.overlay = .help(filter: filter, top: min(moved, last))
            } else if let edited = Self.edited(filter, by: key) {
                self.model.overlay = .help(filter: edited, top: 0)
            } else if key.code == .enter {
                self.model.overlay = nil
            }
        case .text(let title, let lines, let top):
            if let moved = self.scrolled(top, by: key) {
                let rows = PageLayout.textRows(self.model, lines, self.model.size).count
                let last = max(0, rows - PageLayout.pageRows(self.model.size))
                self.model.overlay = .text(title: title, lines: lines, top: min(moved, last))
            } else {
                self.model.overlay = nil
                // Who goes on typing meant the input line.
                if case .character = key.code, key.modifiers.isEmpty { self.press(key) }
            }
        case .switcher(let query, let selected): self.pressInSwitcher(key, query, selected, isCancel)
        case .paste(let text): self.pressInPaste(key, text)
        case .quit:
            if key == Key(.character("y")) {
                self.quit(force: true)
            } else if isCancel || key == Key(.character("n")) || key.code == .enter {
                self.model.overlay = nil
            }
        case .historySearch(let query, let selected):
            let found = self.model.current?.inputHistory.matches(query) ?? []
            if isCancel {
                self.model.overlay = nil
            } else if key == Key(.character("r"), .control) || key.code == .up {
                let next = min(selected + 1, max(0, found.count - 1))
                self.model.overlay = .historySearch(query: query, selected: next)
            } else if key == Key(.character("s"), .control) || key.code == .down {
                self.model.overlay = .historySearch(query: query, selected: max(0, selected - 1))
            } else if let edited = Self.edited(query, by: key) {
                self.model.overlay = .historySearch(query: edited, selected: 0)
            } else {
                self.model.overlay = nil
                if found.indices.contains(selected) { self.model.editor.replace(with: found[selected]) }
            }
        case .search(let search): self.pressInSearch(key, search, isCancel)
        case .start(let start): self.pressInStart(key, start, isCancel)
        case .name(let name): self.pressInName(key, name, isCancel)
        case .found(let found): self.pressInFound(key, found, isCancel)
        case .selection(let selection): self.pressInSelection(key, selection, isCancel)
        case .machines: self.pressInMachines(key, isCancel)
        }
    }

    private mutating func pressInPaste(_ key: Key, _ text: String) {
        switch key {
        case Key(.character("y"), .control):
            self.model.overlay = nil
            guard self.model.current != nil else {
                self.model.editor.insert(text)
                return
            }
            for part in Self.parts(of: text) { self.say(part) }
        case Key(.character("e"), .control):
            self.model.overlay = nil
            if text.count + self.model.editor.characters.count > LineEditor.capacity {
                self.model.hint = "only the first \(LineEditor.capacity) characters fit"
            }
            self.model.editor.insert(text)
        case Key(.character("n"), .control), Key(.escape), Key(.character("c"), .control): self.model.overlay = nil
        default: break
        }
    }

    /// A text in pieces that one message can hold, broken between lines where that is possible.
    static func parts(of text: String, limit: Int = Command.messageCharacters) -> [String] {
        var parts: [String] = []
        var part = ""
        // Counted along, for a long text must not be counted anew for each of its lines.
        var characters = 0
        var bytes = 0
        var lines = 0
        func end() {
            if part.contains(where: { !$0.isWhitespace }) { parts.append(part) }
            (part, characters, bytes, lines) = ("", 0, 0, 0)
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let (count, size) = (line.count, line.utf8.count)
            if lines > 0, characters + 1 + count > limit || bytes + 1 + size > Command.messageBytes {
                end()
            }
            if lines == Command.messageLines { end() }
            if lines > 0 {
                part += "\n"
                characters += 1
                bytes += 1
            }
            lines += 1
            guard count > limit || size > Command.messageBytes else {
                part += line
                characters += count
                bytes += size
                continue
            }
            for character in line {
                if characters == limit || bytes + character.utf8.count > Command.messageBytes {
                    end()
                    lines = 1
                }
                part.append(character)
                characters += 1
                bytes += character.utf8.count
            }
        }
        end()
        return parts
    }

    /// What keeps a text from being one message; `nil` when nothing does.
    static func fault(inMessage text: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
        if text.count > Command.messageCharacters {
            return "\(Counted.words(text.count, "character")); a message has at most \(Command.messageCharacters)"
        }
        if lines > Command.messageLines {
            return "\(Counted.words(lines, "line")); a message has at most \(Command.messageLines)"
        }
        if text.utf8.count > Command.messageBytes {
            return "\(text.utf8.count) bytes; a message has at most \(Command.messageBytes)"
        }
        return nil
    }

    private mutating func pressInSearch(_ key: Key, _ search: Search, _ isCancel: Bool) {
        var next = search
        if isCancel {
            // Back where the user was before.
            self.model.overlay = nil
            self.withCurrent { $0.scroll = search.origin }
            if search.origin == nil { self.readCurrent() }
            return
        } else if key.code == .enter {
            self.model.overlay = nil
            return
        } else if key == Key(.character("s"), .control) || key.code == .up {
            next.move(by: 1)
        } else if key == Key(.character("r"), .control) || key.code == .down {
            next.move(by: -1)
        } else if let edited = Self.edited(search.query, by: key) {
            next = Search(edited, in: self.model.current, origin: search.origin)
        }
        self.model.overlay = .search(next)
        if let key = next.key { self.reveal(key) }
    }

    mutating func pasteInOverlay(_ text: String, _ overlay: Overlay) {
        let line = String(text.prefix(200).map { $0.isNewline ? " " : $0 })
        switch overlay {
        case .help(let filter, _): self.model.overlay = .help(filter: filter + line, top: 0)
        case .switcher(let query, _): self.model.overlay = .switcher(query: query + line, selected: 0)
        case .historySearch(let query, _): self.model.overlay = .historySearch(query: query + line, selected: 0)
        case .search(let search):
            self.model.overlay = .search(
                Search(search.query + line, in: self.model.current, origin: search.origin)
            )
        case .paste, .quit, .text, .machines, .selection, .found: break
        case .start(var start):
            if let name = start.name {
                start.name = name + line
            } else {
                start.address += line
                start.selected = start.choices.firstIndex(of: .address) ?? start.selected
            }
            self.model.overlay = .start(start)
        case .name(let name): self.model.overlay = .name(name + line)
        }
    }

    /// A short text after a key; `nil` when the key does not change texts.
    static func edited(_ text: String, by key: Key) -> String? {
        switch key.code {
        case .character(let character) where key.modifiers.isEmpty: text + String(character)
        case .character("u") where key.modifiers == .control: ""
        case .backspace: String(text.dropLast())
        default: nil
        }
    }

    private func scrolled(_ top: Int, by key: Key) -> Int? {
        let page = max(1, self.model.size.rows - 5)
        return switch key.code {
        case .up: max(0, top - 1)
        case .down: top + 1
        case .pageUp: max(0, top - page)
        case .pageDown: top + page
        case .home: 0
        case .end: .max / 2
        default: nil
        }
    }
}
