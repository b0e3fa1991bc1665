/// The palette, and what the server found.
extension Renderer {
    /// A row of the palette: what it is, and what Enter does.
    func words(of entry: PaletteEntry) -> (title: String, note: String) {
        switch entry {
        case .room(let name):
            if let room = self.model.index(of: name).map({ self.model.rooms[$0] }) {
                let unread = room.unread > 0 ? ", \(room.unread) unread" : ""
                return (room.title, room.state.rawValue.lowercased() + unread)
            }
            let listed = self.model.directory[name]
            let topic = listed.map { $0.topic.isEmpty ? "" : "  " + TextSanitiser.clipped($0.topic, to: 60) } ?? ""
            return ("#" + name, listed.map { "\($0.members) here" + topic } ?? "")
        case .newRoom(let name): return ("#" + name, "no such room here; Enter joins it")
        case .person(let name): return (name, "a conversation")
        case .command(let command): return ("/" + command.rawValue, command.usage.summary)
        case .setting(let name):
            let value = self.model.settings.values.first { $0.name == name }?.value ?? ""
            return ("/set " + name, "\(value): " + Settings.summary(name))
        }
    }

    /// The page of found messages, the chosen one marked.
    func foundRows(_ found: FoundMessages) -> (rows: [[Glyph]], top: Int) {
        var rows: [[Glyph]] = []
        var top = 0
        let pane = PageLayout.pageRows(self.size)
        for (index, line) in found.lines(secondsEast: self.model.secondsEast).enumerated() {
            let isSelected = index == found.selected && !found.messages.isEmpty
            let block = PageLayout.textRows(self.model, [line], self.size).enumerated().map { offset, row in
                guard isSelected else { return row }
                let marked = offset == 0 ? self.glyphs((">", .current)) + row.dropFirst() : row
                return marked.map { glyph in
                    var glyph = glyph
                    glyph.style = glyph.style.adding(.reverse)
                    return glyph
                }
            }
            rows += block
            // The chosen one is in sight.
            if isSelected { top = max(0, rows.count - pane) }
        }
        return (rows, top)
    }
}
