/// The rows of the text being written, with the cursor's place in them. Only the rows that are asked for become glyphs:
/// the others are counted by the cells that the editor has measured, so that a long text costs a key next to nothing.
struct PromptLayout {
    /// What stands before the text.
    let label: String
    /// The cursor's place, its row counted from the text's first.
    let cursor: Position
    /// Where rows begin, as far as rows were needed: those up to the cursor's and a pane more.
    private let starts: [Int]
    private let editor: LineEditor
    private let width: Int
    private let secret: Int

    /// The most rows that any screen gives the text.
    private static let paneRows = 6

    init(_ model: Model, columns: Int) {
        self.label = Self.label(model, columns: columns)
        self.width = Self.width(label: self.label, columns: columns)
        self.editor = model.editor
        self.secret = Self.secretStart(self.editor)
        var starts = [0]
        var used = 0
        var cursor: Position?
        var enough = Int.max
        let cells = self.editor.cells
        for index in cells.indices {
            guard starts.count <= enough else { break }
            let isNewline = cells[index] == LineEditor.newline
            let needed = isNewline ? 0 : Self.needed(cells[index], index < self.secret, self.width)
            if used + needed > self.width {
                starts.append(index)
                used = 0
            }
            if index == self.editor.cursor {
                cursor = Position(column: used, row: starts.count - 1)
                enough = starts.count + Self.paneRows
            }
            used += needed
            if isNewline {
                starts.append(index + 1)
                used = 0
            }
        }
        self.starts = starts
        self.cursor = cursor ?? Position(column: used, row: starts.count - 1)
    }

    /// How many rows there are, or at least so many that more do not matter.
    var rowCount: Int { self.starts.count }

    /// The glyphs of a row.
    func row(_ row: Int) -> [Glyph] {
        guard self.starts.indices.contains(row) else { return [] }
        let end = row + 1 < self.starts.count ? self.starts[row + 1] : self.editor.characters.count
        var glyphs: [Glyph] = []
        var used = 0
        for index in self.starts[row]..<end {
            let character = index < self.secret ? self.editor.characters[index] : "*"
            for glyph in TextSanitiser.glyphs(String(character)) where !glyph.isNewline {
                guard used + glyph.width <= self.width else { return glyphs }
                glyphs.append(glyph)
                used += glyph.width
            }
        }
        return glyphs
    }

    /// The character at a column of a row, or the row's end.
    func character(row: Int, column: Int) -> Int {
        guard self.starts.indices.contains(row) else { return self.editor.characters.count }
        let isLast = row + 1 >= self.starts.count
        let end = isLast ? self.editor.characters.count : max(self.starts[row], self.starts[row + 1] - 1)
        var used = 0
        for index in self.starts[row]..<end {
            used += Self.needed(self.editor.cells[index], index < self.secret, self.width)
            if used > column { return index }
        }
        return end
    }

    /// How many rows the text would like, counted no further than any screen gives it.
    static func rows(_ model: Model, columns: Int) -> Int {
        let width = Self.width(label: Self.label(model, columns: columns), columns: columns)
        let editor = model.editor
        let secret = Self.secretStart(editor)
        var rows = 1
        var used = 0
        for (index, cells) in editor.cells.enumerated() {
            guard rows < Self.paneRows else { break }
            let needed = cells == LineEditor.newline ? 0 : Self.needed(cells, index < secret, width)
            if cells == LineEditor.newline || used + needed > width {
                rows += 1
                used = 0
            }
            used += needed
        }
        return rows
    }

    /// The cells a character takes of a row; one wider than the row is cut.
    private static func needed(_ cells: UInt8, _ isShown: Bool, _ width: Int) -> Int {
        isShown ? min(Int(cells), width) : 1
    }

    private static func width(label: String, columns: Int) -> Int {
        max(1, columns - TextSanitiser.glyphs(label).columns - 1)
    }

    /// Only a command has a secret, and its name is short.
    private static func secretStart(_ editor: LineEditor) -> Int {
        guard editor.characters.first == "/" else { return .max }
        return InputLine.secretStart(String(editor.characters.prefix(40))) ?? .max
    }

    private static func label(_ model: Model, columns: Int) -> String {
        guard let room = model.current else { return columns >= 40 ? " (no room)> " : "> " }
        let title = Self.short(TextSanitiser.plain(room.title), to: max(6, columns / 4))
        let state = room.state == .joined ? "" : room.state.rawValue + " "
        // As in vi itself a colon says that keys are commands.
        let sign = model.vi.isCommanding ? ":" : ">"
        if columns < 40 { return "\(title)\(sign) " }
        if columns >= 120, room.state == .joined {
            return " \(title) \(Self.short(TextSanitiser.plain(model.nick), to: 16))\(sign) "
        }
        return " \(state)\(title)\(sign) "
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
