extension Renderer {
    /// The message pane, or on a narrow screen the list that covers it.
    mutating func drawMessages() {
        if self.layout.kind == .narrow, let pane = self.model.narrowPane {
            let rect = self.layout.timeline
            switch pane {
            case .rooms:
                self.put(self.glyphs((" ROOMS   F7 closes", .heading)), [], in: rect)
                let first = self.firstRoomShown(rows: rect.rows - 1)
                for (offset, index) in self.model.rooms.indices.dropFirst(first).prefix(max(0, rect.rows - 1))
                    .enumerated()
                {
                    let place = Rect(column: 0, row: rect.row + 1 + offset, columns: rect.columns, rows: 1)
                    self.drawRoom(index, in: place)
                }
            case .people: self.drawPeople(in: rect)
            }
            return
        }
        self.drawTimeline()
    }

    /// The rows of the room shown.
    mutating func drawTimeline() {
        let rect = self.layout.timeline
        guard !rect.isEmpty else { return }
        let inset = self.layout.kind == .minimal ? 0 : 1
        guard let room = self.model.current else {
            self.drawWelcome(in: rect)
            return
        }
        let lines = self.model.timelineLayout(room, self.layout).lines(rows: rect.rows)
        // Few messages stand at the bottom, beside the prompt; only a scrolled pane is filled from the top.
        let top = room.scroll == nil ? rect.endRow - lines.count : rect.row
        let columns = rect.columns - inset
        if lines.isEmpty, room.history != .loading {
            let words = room.state == .joined ? ["nothing has been said here yet"] : self.waitingWords
            let rows = words.flatMap { TextWrapper.wrap(self.line($0, .notice), columns: columns) }.suffix(rect.rows)
            for (offset, row) in rows.enumerated() {
                let place = rect.endRow - rows.count + offset
                self.grid.put(row, column: rect.column + inset, row: place, columns: columns)
            }
        }
        if room.history == .loading, lines.count < rect.rows {
            self.grid.put(
                "loading older messages..",
                self.theme[.notice],
                column: rect.column + inset,
                row: rect.row,
                columns: columns
            )
        }
        let search = self.search
        for (offset, line) in lines.enumerated() {
            let row = top + offset
            switch line.rule {
            case .day:
                self.putRule(
                    line.glyphs,
                    dashes: "-",
                    style: self.theme[.dayLine],
                    column: rect.column + inset - (inset > 0 ? 1 : 0),
                    row: row,
                    columns: rect.columns
                )
            case .marker:
                self.putRule(
                    line.glyphs,
                    dashes: "- ",
                    style: self.theme[.unreadLine],
                    column: rect.column,
                    row: row,
                    columns: rect.columns
                )
            case nil:
                self.grid.put(line.glyphs, column: rect.column + inset, row: row, columns: columns)
                self.markLinks(line.glyphs, column: rect.column + inset, row: row)
                self.markSelected(line, Rect(column: rect.column, row: row, columns: rect.columns, rows: 1))
                if !line.trailing.isEmpty {
                    self.grid.put(
                        line.trailing,
                        column: rect.endColumn - line.trailing.columns,
                        row: row,
                        columns: line.trailing.columns
                    )
                    self.markLinks(line.trailing, column: rect.endColumn - line.trailing.columns, row: row)
                }
                guard let search else { break }
                if let key = line.key, search.key == key {
                    let rowRect = Rect(column: rect.column + inset, row: row, columns: columns, rows: 1)
                    self.grid.restyle(rowRect) { $0.adding(.reverse) }
                }
                for range in Search.columns(of: search.query, in: line.glyphs) {
                    let hit = Rect(
                        column: rect.column + inset + range.lowerBound,
                        row: row,
                        columns: range.count,
                        rows: 1
                    )
                    let style = self.theme[.searchHit]
                    self.grid.restyle(hit) { search.key == line.key ? $0.adding([.bold, .underline]) : style }
                }
            }
        }
    }

    /// What is looked for.
    private var search: Search? {
        if case .search(let search) = self.model.overlay { search } else { nil }
    }

    private mutating func drawWelcome(in rect: Rect) {
        let lines = [
            "Welcome to pond.", "", "/join #lobby   enter a room", "/help          keys and commands, or F1",
            "/quit          leave",
        ]
        for (index, text) in lines.enumerated() where index < rect.rows {
            self.grid.put(
                text,
                self.theme[.notice],
                column: rect.column + 1,
                row: rect.row + index,
                columns: rect.columns - 1
            )
        }
    }

    /// Who types; or why nothing is live; or where one is when scrolled up.
    mutating func drawTypingLine() {
        let rect = self.layout.typing
        guard !rect.isEmpty else { return }
        var left: [Glyph] = []
        var right: [Glyph] = []
        if let hint = self.model.hint {
            self.drawHint(hint, in: rect)
            return
        } else if let room = self.model.current {
            if let words = self.choiceWords(room) {
                left = self.glyphs((" ", .text)) + self.line(words, .mark)
            } else if !room.isStale, let words = self.model.heldWords {
                left = self.glyphs((" ", .text)) + self.line(words, .bad)
            } else if room.isStale, let asOf = room.peopleAsOf {
                let clock = self.model.civil(asOf).clockWithSeconds
                let long = " not live since \(clock): presence and typing are frozen"
                left = self.glyphs((long.count <= rect.columns ? long : " not live since \(clock)", .stale))
            } else if !self.noConnectionWords.isEmpty, !room.timeline.items.isEmpty {
                left = self.glyphs((" ", .text)) + self.line(self.noConnectionWords, .bad)
            } else {
                let typing = room.typing.filter { $0.value > self.model.now && $0.key != self.model.nick }.keys.sorted()
                left = self.line(Self.typingWords(typing.map { TextSanitiser.plain($0) }), .notice)
            }
            if let scroll = room.scroll, let index = room.timeline.index(ofKey: scroll.key) {
                let below = room.timeline.items.count - 1 - index
                let words = below > 0 ? "\(below)" : "\(scroll.hiddenLines) rows"
                right = self.glyphs(("-MORE(\(words))- ", .mark))
                let place = rect.endColumn - right.columns
                self.mark(Rect(column: place, row: rect.row, columns: right.columns, rows: 1), .newest)
            }
        }
        self.put(left, right, in: rect)
    }

    /// The message that the command in the input line is about.
    private func choiceWords(_ room: Room) -> String? {
        guard let choice = room.choice else { return nil }
        let verb =
            switch choice.command {
            case .edit: "edits"
            case .remove: "removes"
            default: "answers"
            }
        guard let message = room.timeline.message(choice.id) else { return "\(verb) a message that is not loaded" }
        return "\(verb) \(self.model.words(message))"
    }

    /// What the user is told: in as many rows as it needs, the last of them this one, over the newest messages.
    private mutating func drawHint(_ hint: String, in rect: Rect) {
        let blank = self.glyphs((" ", .text))
        let free = max(1, rect.row - self.layout.timeline.row + 1)
        let rows = TextWrapper.wrap(self.line(hint, .mark), columns: max(1, rect.columns - 2)).prefix(min(3, free))
        for (offset, row) in rows.enumerated() {
            let place = Rect(
                column: rect.column,
                row: rect.row - rows.count + 1 + offset,
                columns: rect.columns,
                rows: 1
            )
            self.grid.fill(place, " ", self.theme[.text])
            self.put(blank + row, [], in: place)
        }
    }

    /// Why the server is not reached, while nothing else says so.
    private var noConnectionWords: String {
        let status = self.model.connection
        guard status.state != .connected, status.isWanted, let reason = status.reason else { return "" }
        return (status.refusal == nil ? "no connection: " : "not let in: ") + reason
    }

    /// Why there is nothing to see yet, and what one can do about it: a room that was never entered is empty.
    private var waitingWords: [String] {
        let status = self.model.connection
        // What was just said by a hint is not said twice.
        guard !self.noConnectionWords.isEmpty, self.model.hint == nil || status.refusal == nil else { return [] }
        let advice = status.advice ?? "It is tried again by itself; F5 tries now, /connect URL goes elsewhere."
        return [self.noConnectionWords, advice]
    }

    static func typingWords(_ names: [String]) -> String {
        switch names.count {
        case 0: ""
        case 1: " \(names[0]) is typing..."
        case 2: " \(names[0]) and \(names[1]) are typing..."
        case 3: " \(names[0]), \(names[1]) and \(names[2]) are typing..."
        default: " \(names[0]), \(names[1]) and \(names.count - 2) more are typing..."
        }
    }
}
