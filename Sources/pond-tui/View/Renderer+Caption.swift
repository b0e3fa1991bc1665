/// The caption of a demonstration, in a box beside what it speaks of.
extension Renderer {
    mutating func drawCaption() {
        guard let caption = self.model.caption, self.layout.kind != .minimal, self.layout.kind != .tooSmall else {
            return
        }
        let area = self.layout.timeline.isEmpty ? self.layout.machines : self.layout.timeline
        let columns = min(56, area.columns - 4)
        guard columns >= 16 else { return }
        let style = self.theme[.popup]
        let text = caption.text + (caption.isPaused ? "  [paused]" : "")
        let rows = TextWrapper.wrap(TextSanitiser.glyphs(text, style: style), columns: columns - 4)
        let height = rows.count + 2
        let top: Int
        switch caption.place {
        case .header, .rooms: top = 1
        case .people: top = max(1, self.layout.left.row + self.layout.left.rows / 2)
        case .messages: top = max(1, area.row)
        case .prompt: top = (self.layout.rules.first ?? self.layout.status.row) - height
        }
        let row = max(0, min(top, self.size.rows - height))
        let column: Int
        switch caption.place {
        case .people where !self.layout.right.isEmpty: column = self.layout.right.column - columns - 1
        case .prompt: column = 1
        default: column = area.column + 2
        }
        let place = Rect(column: max(0, column), row: row, columns: columns, rows: height)
        self.grid.fill(place, " ", style)
        let edge = self.drawn("+" + String(repeating: "-", count: columns - 2) + "+")
        self.grid.put(edge, style, column: place.column, row: place.row, columns: columns)
        for (offset, line) in rows.enumerated() {
            let at = place.row + 1 + offset
            self.grid.put(self.drawn("|"), style, column: place.column, row: at, columns: 1)
            self.grid.put(line, column: place.column + 2, row: at, columns: columns - 4)
            self.grid.put(self.drawn("|"), style, column: place.endColumn - 1, row: at, columns: 1)
        }
        self.grid.put(edge, style, column: place.column, row: place.endRow - 1, columns: columns)
    }
}
