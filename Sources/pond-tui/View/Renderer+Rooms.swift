extension Renderer {
    /// The rooms with state, unread messages, mentions and queue; in the stacked bar they take its upper part.
    mutating func drawRooms() {
        var rect = self.layout.left
        guard !rect.isEmpty else { return }
        let bar = rect
        self.putFrame(column: bar.endColumn - 1, rows: bar.row..<bar.endRow)
        rect.columns -= 1
        if self.layout.kind == .stacked {
            guard self.model.showsRooms else { return }
            rect.rows = self.stackedRoomRows
        }
        let count = self.model.rooms.count
        let listRows = rect.rows - 1
        let first = self.firstRoomShown(rows: listRows)
        let shown = min(count - first, listRows)
        let heading = shown < count ? "\(shown) of \(count)" : "\(count)"
        self.put(
            self.glyphs((" ROOMS", .heading)),
            self.glyphs((heading + " ", .heading)),
            in: Rect(column: rect.column, row: rect.row, columns: rect.columns, rows: 1)
        )
        for (offset, index) in (first..<(first + max(0, shown))).enumerated() {
            self.drawRoom(
                index,
                in: Rect(column: rect.column, row: rect.row + 1 + offset, columns: rect.columns, rows: 1)
            )
        }
        if self.layout.kind == .three { self.drawKeys(from: rect.row + 2 + max(0, shown), in: rect) }
    }

    /// The rows of the room list in the stacked bar, its heading included.
    var stackedRoomRows: Int {
        guard self.model.showsRooms else { return 0 }
        guard self.model.showsPeople else { return self.layout.left.rows }
        return min(self.model.rooms.count + 1, max(2, self.layout.left.rows / 2))
    }

    /// The list scrolls so that the room shown is in it.
    func firstRoomShown(rows: Int) -> Int {
        guard rows > 0, let current = self.model.currentIndex, current >= rows else { return 0 }
        return current - rows + 1
    }

    /// One row: number, state, name, and what waits there.
    mutating func drawRoom(_ index: Int, in rect: Rect) {
        let room = self.model.rooms[index]
        self.mark(rect, .room(room.name))
        let isCurrent = room.name == self.model.currentName
        var right: [Glyph] = []
        let now = self.model.now
        let queued = self.model.outbox.entries(of: room.name).count { !$0.isFresh(at: now) }
        if queued > 0 { right += self.glyphs((" q\(queued)", .mark)) }
        if room.isMuted {
            right += self.glyphs((" muted", .away))
        } else {
            if room.mentions > 0 { right += self.glyphs((" @\(room.mentions)", .mention)) }
            if room.unread > 0 { right += self.glyphs((" \(room.unread)", .unread)) }
        }
        if right.isEmpty, !isCurrent, !room.editor.isEmpty { right += self.glyphs((" draft", .notice)) }
        if right.isEmpty, room.state == .closed { right += self.glyphs((" closed", .away)) }
        right += self.glyphs((" ", .text))
        var left = self.glyphs(((index < 99 ? self.number(index + 1) : "  ") + " ", .time))
        left += self.glyphs((room.glyph, self.role(of: room.state)))
        if isCurrent {
            // The closing bracket stays whatever the name's length.
            let space = rect.columns - left.columns - 2 - right.columns - 1
            left += self.glyphs(("[", .current)) + self.cut(self.line(room.title, .current), to: space)
            left += self.glyphs(("]", .current))
        } else {
            left += self.glyphs((" ", .text)) + self.line(room.title, room.unread > 0 ? .unread : .text)
        }
        self.put(left, right, in: rect)
    }

    /// At most so many cells of a text, a `~` where it was cut.
    private func cut(_ glyphs: [Glyph], to columns: Int) -> [Glyph] {
        guard glyphs.columns > columns, columns > 1 else { return glyphs }
        var kept: [Glyph] = []
        var used = 0
        for glyph in glyphs {
            guard used + glyph.width < columns else { break }
            kept.append(glyph)
            used += glyph.width
        }
        return kept + [Glyph("~", width: 1, style: glyphs.first?.style ?? .plain)]
    }

    private func number(_ number: Int) -> String { number < 10 ? " \(number)" : "\(number)" }

    /// What the glyphs mean, where there is room to say it.
    private mutating func drawKeys(from row: Int, in rect: Rect) {
        let lines = [
            " STATE KEY", " . IDLE     ~ JOINING", " + JOINED   ! STALLED", " x CLOSED   D DECLINED", "",
            " MESSAGE KEY", " o queued   > sending", " (blank) delivered", " x failed",
        ]
        guard rect.columns >= 22, row + lines.count + 1 <= rect.endRow else { return }
        for (offset, line) in lines.enumerated() {
            let role: Role = line.hasSuffix("KEY") ? .heading : .notice
            self.grid.put(line, self.theme[role], column: rect.column, row: row + 1 + offset, columns: rect.columns)
        }
    }
}
