extension Renderer {
    /// The text being written, with the room and, when it is not live, its state before it.
    mutating func drawPrompt() {
        let rect = self.layout.prompt
        guard !rect.isEmpty else { return }
        let prompt = PromptLayout(self.model, columns: rect.columns)
        let label = TextSanitiser.glyphs(prompt.label, style: self.theme[.prompt])
        var first = 0
        if prompt.rowCount > rect.rows { first = max(0, prompt.cursor.row - rect.rows + 1) }
        let shown = min(rect.rows, prompt.rowCount - first)
        for offset in 0..<shown {
            let row = rect.row + offset
            if offset == 0 { self.grid.put(label, column: rect.column, row: row, columns: rect.columns) }
            self.markPrompt(prompt, first + offset, Rect(column: rect.column, row: row, columns: rect.columns, rows: 1))
            self.grid.put(
                prompt.row(first + offset),
                column: rect.column + label.columns,
                row: row,
                columns: rect.columns - label.columns
            )
        }
        for row in self.layout.rules {
            self.putRule([], dashes: "-", style: self.theme[.frame], column: 0, row: row, columns: self.size.columns)
        }
        if self.layout.kind == .three, self.model.editor.characters.count > 100 || prompt.rowCount > 1 {
            let count = " \(self.model.editor.characters.count) / \(Command.messageCharacters) "
            let last = prompt.row(first + shown - 1)
            if last.columns + label.columns + count.count < rect.columns {
                let tooLong = self.model.editor.characters.count > Command.messageCharacters
                self.grid.put(
                    count,
                    self.theme[tooLong ? .bad : .notice],
                    column: rect.endColumn - count.count,
                    row: rect.row + shown - 1,
                    columns: count.count
                )
            }
        }
        self.grid.cursor = Position(
            column: min(rect.column + label.columns + prompt.cursor.column, max(0, self.size.columns - 1)),
            row: rect.row + min(max(0, prompt.cursor.row - first), max(0, rect.rows - 1))
        )
    }

    /// A click puts the cursor at the character.
    private mutating func markPrompt(_ prompt: PromptLayout, _ row: Int, _ rect: Rect) {
        let label = TextSanitiser.glyphs(prompt.label).columns
        let begin = prompt.character(row: row, column: 0)
        self.mark(rect, .prompt(character: prompt.character(row: row, column: rect.columns)))
        self.mark(Rect(column: 0, row: rect.row, columns: label, rows: 1), .prompt(character: begin))
        for column in 0..<max(0, rect.columns - label) {
            let place = Rect(column: rect.column + label + column, row: rect.row, columns: 1, rows: 1)
            self.mark(place, .prompt(character: prompt.character(row: row, column: column)))
        }
    }

    /// What is unread elsewhere, what waits in the outbox, and a few keys.
    mutating func drawStatus() {
        let rect = self.layout.status
        guard !rect.isEmpty else { return }
        self.grid.fill(rect, " ", self.theme[.bar])
        if let caption = self.model.caption {
            let pause = caption.isPaused ? "goes on" : "pauses"
            let keys = rect.columns < 60 ? "space n p q " : "space \(pause)  n next  p back  q quits "
            self.put(self.glyphs((" DEMO ", .barStrong)), self.glyphs((keys, .bar)), in: rect)
            return
        }
        var parts: [[Glyph]] = []
        // Where the row below tells of keys, this one has room for more.
        let wide = !self.layout.footer.isEmpty || self.layout.kind == .three
        let active = self.model.rooms.enumerated().filter {
            $0.element.unread > 0 && !$0.element.isMuted && $0.element.name != self.model.currentName
        }
        let separator = wide ? "  " : " "
        if !active.isEmpty {
            // Mentions first, as with Alt-A.
            let ranked = active.sorted {
                ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
            }
            var glyphs = self.glyphs((" Act", .bar))
            for (index, room) in ranked {
                let begin = rect.column + glyphs.columns
                defer {
                    let end = min(rect.endColumn, rect.column + glyphs.columns)
                    self.mark(Rect(column: begin, row: rect.row, columns: end - begin, rows: 1), .room(room.name))
                }
                let counts = room.mentions > 0 ? "(@\(room.mentions),\(room.unread))" : "(\(room.unread))"
                glyphs += self.glyphs(("\(separator)\(index + 1):", .bar))
                glyphs += self.line(room.title, room.mentions > 0 ? .barStrong : .bar)
                glyphs += self.glyphs((counts, room.mentions > 0 ? .barStrong : .bar))
            }
            parts.append(glyphs + self.glyphs((" ", .bar)))
        }
        if self.model.apart != nil { parts.append(self.glyphs((" apart ", .barStrong))) }
        var counts = self.model.outbox.counts
        counts.sending -= self.model.outbox.entries.count { $0.isFresh(at: self.model.now) }
        if wide {
            var words = counts.queued > 0 ? " queue \(counts.queued)" : ""
            if counts.sending > 0 { words += "  sending \(counts.sending)" }
            if counts.failed > 0 { words += "  failed \(counts.failed) (/queue)" }
            // What is as usual is not worth a word.
            if !words.isEmpty { parts.append(self.glyphs((" \(words.drop { $0 == " " }) ", .barStrong))) }
            if self.model.settings.log { parts.append(self.glyphs((" log on ", .bar))) }
            if self.model.settings.mouse { parts.append(self.glyphs((" mouse on ", .bar))) }
            if self.model.charset != "UTF-8" { parts.append(self.glyphs((" \(self.model.charset) ", .bar))) }
            if ScreenLayout.showsClock(self.size) {
                parts.append(self.glyphs((" \(self.model.civil(self.model.now).clock) ", .bar)))
            }
        } else {
            let waiting = counts.queued + counts.sending
            if waiting > 0 { parts.append(self.glyphs((" queue \(waiting) ", .barStrong))) }
            if counts.failed > 0 { parts.append(self.glyphs((" failed \(counts.failed) ", .barStrong))) }
            let actions: [(Action, String)] =
                self.layout.kind == .narrow
                ? [(.help, "help"), (.rooms, "rooms"), (.people, "people")]
                : [(.help, "help"), (.switcher, "switch"), (.roomImportant, "next")]
            let used = parts.reduce(0) { $0 + $1.columns + 1 }
            let keys = self.keyWords(actions, columns: rect.columns - used)
            if !keys.isEmpty { parts.append(self.glyphs((keys, .bar))) }
        }
        var glyphs: [Glyph] = []
        for part in parts {
            if !glyphs.isEmpty { glyphs += self.glyphs(("|", .bar)) }
            glyphs += part
        }
        self.grid.put(glyphs, column: rect.column, row: rect.row, columns: rect.columns)
    }

    /// As many keys with what they do as fit, by the user's own map.
    private func keyWords(_ actions: [(Action, String)], columns: Int) -> String {
        var text = ""
        for (action, word) in actions {
            guard let key = self.model.keyMap.keys(for: action).first else { continue }
            let piece = (text.isEmpty ? " " : "  ") + "\(key) \(word)"
            guard text.count + piece.count <= columns else { break }
            text += piece
        }
        return text
    }

    /// The keys worth knowing, where there is a row for them.
    mutating func drawFooter() {
        guard !self.layout.footer.isEmpty else { return }
        let text = self.keyWords(
            [
                (.help, "help"), (.switcher, "switch"), (.reconnect, "reconnect"), (.stateLog, "states"),
                (.rooms, "rooms"), (.people, "people"), (.roomImportant, "next unread"), (.firstUnread, "first unread"),
                (.historySearch, "history"), (.suspend, "suspend"),
            ],
            columns: self.size.columns
        )
        self.grid.put(text, self.theme[.notice], column: 0, row: self.layout.footer.row, columns: self.size.columns)
    }
}
