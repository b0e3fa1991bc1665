extension Renderer {
    /// Who is here: at the right in the wide arrangement, under the rooms in the stacked one.
    mutating func drawPeople() {
        switch self.layout.kind {
        case .three:
            let rect = self.layout.right
            guard !rect.isEmpty else { return }
            self.putFrame(column: rect.column, rows: rect.row..<rect.endRow)
            guard self.model.showsPeople else { return }
            self.drawPeople(
                in: Rect(column: rect.column + 1, row: rect.row, columns: rect.columns - 1, rows: rect.rows)
            )
        case .stacked:
            let bar = self.layout.left
            guard !bar.isEmpty, self.model.showsPeople else { return }
            var top = bar.row + self.stackedRoomRows
            if self.model.showsRooms, top < bar.endRow {
                let rule = self.drawn(String(repeating: "-", count: bar.columns - 1))
                self.grid.put(rule, self.theme[.frame], column: bar.column, row: top, columns: bar.columns - 1)
                top += 1
            }
            self.drawPeople(in: Rect(column: bar.column, row: top, columns: bar.columns - 1, rows: bar.endRow - top))
        case .narrow, .minimal, .tooSmall: break
        }
    }

    /// A list of people with a heading and, while it may be wrong, since when it is.
    mutating func drawPeople(in rect: Rect) {
        guard !rect.isEmpty, let room = self.model.current else { return }
        let people = room.people
        let away = people.awayCount
        let stale = room.isStale ? "*" : ""
        let awayWords = self.layout.kind == .three && away > 0 ? ", \(away) away" : ""
        let count = "\(people.count)\(stale)\(awayWords) "
        self.put(
            self.glyphs((" HERE ", .heading)) + self.line(room.title, .heading),
            self.glyphs((count, .heading)),
            in: Rect(column: rect.column, row: rect.row, columns: rect.columns, rows: 1)
        )
        let note = room.isStale && rect.rows >= 5 ? self.staleNote(room) : []
        let rows = rect.rows - 1 - note.count
        for (index, person) in people.prefix(max(0, rows)).enumerated() {
            let place = Rect(column: rect.column, row: rect.row + 1 + index, columns: rect.columns, rows: 1)
            if index == rows - 1, people.count > rows {
                self.put(self.glyphs((" and \(people.count - index) more", .notice)), [], in: place)
            } else {
                self.draw(person, of: room, in: place)
            }
        }
        for (index, text) in note.enumerated() {
            self.grid.put(
                text,
                self.theme[.stale],
                column: rect.column,
                row: rect.endRow - note.count + index,
                columns: rect.columns
            )
        }
    }

    private func staleNote(_ room: Room) -> [String] {
        guard let asOf = room.peopleAsOf else { return [] }
        return [" * stale: as of", "   \(self.model.civil(asOf).clockWithSeconds)"]
    }

    private mutating func draw(_ person: Person, of room: Room, in rect: Rect) {
        let glyph =
            person.role != nil
            ? "@" : person.status == .available ? "+" : person.status == .away ? "~" : "-"
        self.mark(rect, .person(person.name))
        let frozen = room.isStale
        let nameStyle =
            frozen || person.status != .available
            ? self.theme[frozen ? .stale : .away]
            : person.name == self.model.nick ? self.theme[.ownName] : self.theme.style(ofName: person.name)
        let left =
            self.glyphs((" \(glyph) ", frozen ? .stale : person.status == .available ? .good : .away))
            + TextSanitiser.glyphs(TextSanitiser.plain(person.name), style: nameStyle)
        self.put(left, self.line(self.words(of: person, in: room), .away) + self.glyphs((" ", .text)), in: rect)
    }

    private func words(of person: Person, in room: Room) -> String {
        if !room.isStale, let until = room.typing[person.name], until > self.model.now { return "typing.." }
        if person.name == self.model.nick { return person.status == .available ? "(you)" : "(you) away" }
        switch person.status {
        case .available: return person.note.isEmpty ? (person.role ?? "") : person.note
        case .busy: return person.note.isEmpty ? "busy" : person.note
        case .away: return person.note.isEmpty ? "away" : person.note
        }
    }
}
