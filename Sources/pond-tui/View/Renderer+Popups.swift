extension Renderer {
    /// The completion list or the overlay that is open.
    mutating func drawPopups() {
        switch self.model.overlay {
        case nil:
            self.drawCompletion()
            self.drawCaption()
        case .help(let filter, let top): self.drawHelp(filter: filter, top: top)
        case .switcher(let query, let selected): self.drawSwitcher(query: query, selected: selected)
        case .paste(let text):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            self.drawQuestion("Paste \(Counted.words(lines, "line"))? Ctrl-Y send, Ctrl-E edit, Ctrl-N drop")
        case .quit:
            self.drawQuestion(
                "\(Counted.being(self.model.outbox.entries.count, "message")) not sent. Quit? y yes, n no"
            )
        case .historySearch(let query, let selected): self.drawHistorySearch(query: query, selected: selected)
        case .search(let search):
            let count = search.found.count
            let place = count == 0 ? "none" : "\(search.selected + 1) of \(count)"
            self.drawLine("Search: ", search.query, "  (\(place))  C-s older  C-r newer  Enter stay  Esc back")
        case .machines, .start: break
        case .found(let found):
            let (rows, top) = self.foundRows(found)
            self.drawPage(title: found.title, note: "Enter goes there  Esc closes", lines: rows, top: top)
        case .name(let name): self.drawName(name)
        case .selection(let selection): self.drawSelection(selection)
        case .text(let title, let lines, let top): self.drawText(title: title, lines: lines, top: top)
        }
    }

    private mutating func drawCompletion() {
        guard let completion = self.model.completion, completion.candidates.count > 1 else { return }
        let rows = min(8, completion.candidates.count, max(1, self.layout.prompt.row - 4))
        let first = min(max(0, completion.selected - rows + 1), completion.candidates.count - rows)
        let shown = completion.candidates[first..<(first + rows)]
        let lines = shown.enumerated().map { offset, candidate in
            (
                " " + PageLayout.pad(TextSanitiser.plain(candidate.text), 24) + TextSanitiser.plain(candidate.note),
                first + offset == completion.selected
            )
        }
        self.drawBox(lines, footer: "Tab next  S-Tab prev  Esc close", cursorRow: nil)
    }

    private mutating func drawSwitcher(query: String, selected: Int) {
        let found = self.model.palette(query)
        let rows = max(1, min(8, found.count, self.layout.prompt.row - 4))
        let first = min(max(0, selected - rows + 1), max(0, found.count - rows))
        var lines = found.dropFirst(first).prefix(rows).enumerated().map { offset, entry in
            let words = self.words(of: entry)
            let title = PageLayout.pad(TextSanitiser.plain(words.title), 24)
            return (" " + title + TextSanitiser.plain(words.note), first + offset == selected)
        }
        if lines.isEmpty { lines = [(" nothing of that here", false)] }
        let place = found.count > rows ? "  \(selected + 1) of \(found.count)" : ""
        self.drawBox(lines, footer: "Enter go  Esc close" + place, cursorRow: nil)
        self.drawLine("Go to: ", query, query.isEmpty ? "  #room @person /command setting" : "")
    }

    private mutating func drawHistorySearch(query: String, selected: Int) {
        let found = self.model.current?.inputHistory.matches(query) ?? []
        let text = found.indices.contains(selected) ? found[selected] : ""
        self.drawLine("History: ", query, "  -> \(TextSanitiser.plain(text))")
    }

    private mutating func drawQuestion(_ text: String) {
        let row = self.layout.prompt.row
        let rect = Rect(column: 0, row: row, columns: self.size.columns, rows: self.layout.prompt.rows)
        self.grid.fill(rect)
        let used = self.grid.put(" " + text, self.theme[.bad], column: 0, row: row, columns: self.size.columns)
        self.grid.cursor = Position(column: min(used, max(0, self.size.columns - 1)), row: row)
    }

    /// A line in place of the prompt in which something is typed.
    mutating func drawLine(_ label: String, _ query: String, _ note: String) {
        let row = self.layout.prompt.row
        self.grid.fill(Rect(column: 0, row: row, columns: self.size.columns, rows: self.layout.prompt.rows))
        let head = self.glyphs((" " + label, .prompt)) + self.line(query, .text)
        let used = self.grid.put(head, column: 0, row: row, columns: self.size.columns)
        self.grid.put(note, self.theme[.notice], column: used, row: row, columns: self.size.columns - used)
        self.grid.cursor = Position(column: min(used, max(0, self.size.columns - 1)), row: row)
    }

    /// A box above the prompt.
    private mutating func drawBox(_ lines: [(String, Bool)], footer: String, cursorRow: Int?) {
        let inner = min(
            max(lines.map { TextSanitiser.glyphs($0.0).columns }.max() ?? 0, footer.count + 6) + 1,
            self.size.columns - 4
        )
        let column = min(
            self.layout.kind == .minimal ? 0 : self.layout.timeline.column + 2,
            self.size.columns - inner - 2
        )
        var bottom = self.layout.status.isEmpty ? self.layout.prompt.row : self.layout.status.row
        if !self.layout.rules.isEmpty { bottom = self.layout.rules[0] }
        let top = bottom - lines.count - 2
        guard inner > 4, top >= 0, column >= 0 else { return }
        let style = self.theme[.popup]
        let edge = "+" + String(repeating: "-", count: inner) + "+"
        self.grid.put(edge, style, column: column, row: top, columns: inner + 2)
        for (index, line) in lines.enumerated() {
            let row = top + 1 + index
            self.grid.put(
                "|" + String(repeating: " ", count: inner) + "|",
                style,
                column: column,
                row: row,
                columns: inner + 2
            )
            let lineStyle = line.1 ? self.theme[.popupSelected] : style
            let text = (line.1 ? ">" : " ") + line.0.dropFirst()
            self.grid.put(text, lineStyle, column: column + 1, row: row, columns: inner)
        }
        let note = " \(footer) "
        let left = max(0, inner - note.count - 3)
        let bottomEdge =
            "+" + String(repeating: "-", count: left) + note
            + String(repeating: "-", count: max(0, inner - left - note.count)) + "+"
        self.grid.put(bottomEdge, style, column: column, row: bottom - 1, columns: inner + 2)
    }

    private mutating func drawText(title: String, lines: [String], top: Int) {
        let rows = PageLayout.textRows(self.model, lines, self.size)
        self.drawPage(title: title, note: "Esc closes", lines: rows, top: top)
    }

    private mutating func drawHelp(filter: String, top: Int) {
        let wide = PageLayout.isWide(self.size)
        self.drawPage(
            title: "HELP",
            note: wide ? "type to filter, arrows and PgDn scroll, Esc closes" : "Esc closes",
            lines: PageLayout.helpRows(self.model, filter: filter, self.size),
            top: top
        )
        self.drawLine("Filter: ", filter, "")
    }

    /// A page over everything but the header and the prompt.
    private mutating func drawPage(title: String, note: String, lines: [[Glyph]], top: Int) {
        let last = self.layout.status.isEmpty ? self.layout.prompt.row : self.layout.status.row
        let rect = Rect(column: 0, row: 1, columns: self.size.columns, rows: last - 1)
        guard rect.rows > 1 else { return }
        self.grid.fill(rect)
        self.put(
            self.glyphs((" " + TextSanitiser.plain(title), .heading)),
            self.glyphs((note + " ", .notice)),
            in: Rect(column: 0, row: rect.row, columns: rect.columns, rows: 1)
        )
        let rows = rect.rows - 1
        let first = min(max(0, top), max(0, lines.count - rows))
        for (offset, line) in lines.dropFirst(first).prefix(rows).enumerated() {
            self.grid.put(line, column: 0, row: rect.row + 1 + offset, columns: rect.columns)
        }
    }
}
