/// Rooms, people, commands and settings by a few letters.
extension Update {
    mutating func pressInSwitcher(_ key: Key, _ query: String, _ selected: Int, _ isCancel: Bool) {
        let found = self.model.palette(query)
        func moved(_ step: Int) -> Overlay {
            guard !found.isEmpty else { return .switcher(query: query, selected: 0) }
            return .switcher(query: query, selected: (selected + step + found.count) % found.count)
        }
        switch key.code {
        case _ where isCancel: self.model.overlay = nil
        case .up: self.model.overlay = moved(-1)
        case .down, .tab: self.model.overlay = moved(1)
        case .enter:
            self.model.overlay = nil
            if found.indices.contains(selected) { self.choose(found[selected]) }
        default:
            if key == Key(.character("n"), .control) || key == Key(.function(2)) {
                self.model.overlay = moved(1)
            } else if key == Key(.character("p"), .control) {
                self.model.overlay = moved(-1)
            } else if let edited = Self.edited(query, by: key) {
                self.model.overlay = .switcher(query: edited, selected: 0)
            }
        }
    }

    private mutating func choose(_ entry: PaletteEntry) {
        switch entry {
        case .room(let name):
            if self.model.index(of: name) == nil { self.join(name, text: "") }
            self.go(to: name)
        case .newRoom(let name): self.join(name, text: "")
        case .person(let name): self.message(name, "")
        case .setting(let name):
            let value = self.model.settings.values.first { $0.name == name }?.value ?? ""
            self.begin("/set \(name) \(value)")
        case .command(let command):
            // What takes words is written into the line; all else is done.
            if command.usage.arguments.isEmpty {
                self.run(command, "")
            } else {
                self.begin("/\(command.rawValue) ")
            }
        }
    }

    /// Puts the beginning of a command into the input line, unless something is being written there.
    private mutating func begin(_ text: String) {
        guard self.model.editor.isEmpty else {
            self.model.hint = "the input line is not empty: send or empty it first, then \(text)"
            return
        }
        self.model.editor.replace(with: text)
    }
}
