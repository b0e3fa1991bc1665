/// The start screen.
extension Renderer {
    mutating func drawStart(_ start: StartScreen) {
        let rect = Rect(column: 0, row: 0, columns: self.size.columns, rows: self.size.rows)
        self.grid.fill(rect)
        let margin = self.size.columns >= 60 ? 4 : 1
        let columns = max(1, self.size.columns - 2 * margin)
        var rows: [[Glyph]] = [self.glyphs(("pond", .heading), ("  chat on a PondSocket server", .notice)), []]
        var cursor: Position?
        if start.name == nil {
            rows.append(self.glyphs(("WHERE TO", .heading)))
        }
        for (index, choice) in start.choices.enumerated() where start.name == nil {
            let isSelected = index == start.selected
            var row = self.glyphs((isSelected ? "> " : "  ", .current))
            row += self.line(self.title(of: choice, start), isSelected ? .current : .text)
            if choice == .address, isSelected { cursor = Position(column: margin + row.columns, row: rows.count) }
            let note = self.note(of: choice)
            if columns >= 56, !note.isEmpty {
                row += self.glyphs((String(repeating: " ", count: max(2, 34 - row.columns)), .text))
                row += self.line(note, .notice)
            }
            rows.append(row)
        }
        if let name = start.name {
            let place = start.choice == .host ? "a server on this machine" : start.address
            rows.append(self.glyphs(("SERVER  ", .heading)) + self.line(place, .text))
            rows.append([])
            let row = self.glyphs(("YOUR NAME  ", .heading)) + self.line(name, .text)
            cursor = Position(column: margin + row.columns, row: rows.count)
            rows.append(row)
        }
        rows.append([])
        let keys = start.name == nil ? "up, down choose  Enter goes  Esc quits" : "Enter goes   Esc goes back"
        rows.append(self.glyphs((keys, .notice)))
        if let hint = self.model.hint {
            rows.append([])
            rows += TextWrapper.wrap(self.line(hint, .mark), columns: columns)
        }
        let top = max(0, min(self.size.rows / 5, self.size.rows - rows.count))
        // On a low screen the row with the cursor, or the choice, stays in sight.
        let wanted = cursor?.row ?? min(3 + start.selected, rows.count - 1)
        let first = max(0, min(rows.count - self.size.rows, wanted - self.size.rows / 2))
        for (offset, row) in rows.dropFirst(first).prefix(self.size.rows).enumerated() {
            self.grid.put(row, column: margin, row: top + offset, columns: columns)
        }
        let row = top + (cursor?.row ?? wanted) - first
        self.grid.cursor = Position(
            column: min(cursor?.column ?? margin, max(0, self.size.columns - 1)),
            row: max(0, min(row, self.size.rows - 1))
        )
    }

    private func title(of choice: StartScreen.Choice, _ start: StartScreen) -> String {
        switch choice {
        case .recent(let server): Self.host(server.url)
        case .address: "another server: " + start.address
        case .host: "host a server here"
        case .demo: "look around"
        }
    }

    private func note(of choice: StartScreen.Choice) -> String {
        switch choice {
        case .recent(let server):
            let civil = self.model.civil(server.time)
            let isToday = civil.isSameDay(as: self.model.civil(self.model.now))
            return "as \(server.nick), \(isToday ? "today " + civil.clock : civil.longDay)"
        case .address: return ""
        case .host: return "127.0.0.1:4000, as long as this runs"
        case .demo: return "a demonstration, without a server"
        }
    }

    /// A URL without what is as usual.
    static func host(_ url: String) -> String {
        guard url.hasPrefix("ws://"), url.hasSuffix(ServerAddress.defaultPath) else { return url }
        return String(url.dropFirst("ws://".count).dropLast(ServerAddress.defaultPath.count))
    }

    /// Asks for another name in place of the prompt.
    mutating func drawName(_ name: String) {
        self.drawLine("Your name: ", name, "  Enter connects  Esc stays offline")
    }
}
