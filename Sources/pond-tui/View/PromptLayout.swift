/// The rows of the text being written, with the cursor's place in them.
struct PromptLayout {
    /// What stands before the text.
    let label: String
    let rows: [[Glyph]]
    let cursor: Grid.Position

    init(_ model: Model, columns: Int) {
        self.label = Self.label(model, columns: columns)
        let width = max(1, columns - TextSanitiser.glyphs(self.label).columns - 1)
        var rows: [[Glyph]] = [[]]
        var used = 0
        var cursor = Grid.Position(column: 0, row: 0)
        let editor = model.editor
        let secret = InputLine.secretStart(editor.text) ?? .max
        for (index, written) in editor.characters.enumerated() {
            let character = index < secret ? written : "*"
            if index == editor.cursor { cursor = Grid.Position(column: used, row: rows.count - 1) }
            for glyph in TextSanitiser.glyphs(String(character)) {
                if glyph.isNewline || used + glyph.width > width {
                    rows.append([])
                    used = 0
                    if index == editor.cursor, !glyph.isNewline {
                        cursor = Grid.Position(column: 0, row: rows.count - 1)
                    }
                }
                guard !glyph.isNewline, glyph.width <= width else { continue }
                rows[rows.count - 1].append(glyph)
                used += glyph.width
            }
        }
        if editor.cursor == editor.characters.count {
            cursor = Grid.Position(column: used, row: rows.count - 1)
        }
        self.rows = rows
        self.cursor = cursor
    }

    /// How many rows the text would like.
    static func rows(_ model: Model, columns: Int) -> Int {
        // Most of the time the text is one short line: no need to lay it out.
        let editor = model.editor
        if editor.characters.count < columns / 4, !editor.characters.contains("\n") { return 1 }
        return PromptLayout(model, columns: columns).rows.count
    }

    private static func label(_ model: Model, columns: Int) -> String {
        guard let room = model.current else { return columns >= 40 ? " (no room)> " : "> " }
        let title = Self.short(TextSanitiser.plain(room.title), to: max(6, columns / 4))
        let state = room.state == .joined ? "" : room.state.rawValue + " "
        if columns < 40 { return "\(title)> " }
        if columns >= 120, room.state == .joined {
            return " \(title) \(Self.short(TextSanitiser.plain(model.nick), to: 16))> "
        }
        return " \(state)\(title)> "
    }

    private static func short(_ text: String, to columns: Int) -> String {
        let glyphs = TextSanitiser.glyphs(text)
        guard glyphs.columns > columns else { return text }
        var kept = ""
        var used = 0
        for glyph in glyphs {
            guard used + glyph.width < columns else { break }
            kept += glyph.text
            used += glyph.width
        }
        return kept + "~"
    }
}
