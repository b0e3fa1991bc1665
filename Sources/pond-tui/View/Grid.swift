/// A screen as a value: what a terminal should show, cell by cell.
struct Grid: Hashable, Sendable {
    let size: Size
    private(set) var cells: [Cell]
    /// Where the terminal's own cursor stands.
    var cursor: Position?

    init(_ size: Size) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        self.cells = Array(repeating: .blank, count: self.size.columns * self.size.rows)
    }

    var bounds: Rect { Rect(column: 0, row: 0, columns: self.size.columns, rows: self.size.rows) }

    /// The cell at a place; blank outside.
    subscript(column: Int, row: Int) -> Cell {
        guard self.bounds.contains(column: column, row: row) else { return .blank }
        return self.cells[row * self.size.columns + column]
    }

    /// The cells of one row.
    func row(_ row: Int) -> ArraySlice<Cell> {
        self.cells[(row * self.size.columns)..<((row + 1) * self.size.columns)]
    }

    /// Writes glyphs from a column on, at most `columns` cells; ends with `~` where something had to be left out.
    /// Gives back the cells used.
    @discardableResult
    mutating func put(_ glyphs: some Collection<Glyph>, column: Int, row: Int, columns: Int) -> Int {
        let room = min(columns, self.size.columns - column)
        guard room > 0, column >= 0, row >= 0, row < self.size.rows else { return 0 }
        let tooLong = glyphs.columns > room
        let limit = tooLong ? room - 1 : room
        var used = 0
        var lastStyle = Style.plain
        for glyph in glyphs where glyph.width > 0 {
            guard used + glyph.width <= limit else { break }
            self.set(glyph, column: column + used, row: row)
            used += glyph.width
            lastStyle = glyph.style
        }
        if tooLong {
            while used < limit {
                self.set(Glyph(" ", width: 1, style: lastStyle), column: column + used, row: row)
                used += 1
            }
            self.set(Glyph("~", width: 1, style: lastStyle), column: column + used, row: row)
            used += 1
        }
        return used
    }

    /// Writes text from a column on.
    @discardableResult
    mutating func put(_ text: String, _ style: Style, column: Int, row: Int, columns: Int) -> Int {
        self.put(TextSanitiser.glyphs(text, style: style), column: column, row: row, columns: columns)
    }

    /// Fills a rectangle with one cell's worth of text.
    mutating func fill(_ rect: Rect, _ text: String = " ", _ style: Style = .plain) {
        for row in max(0, rect.row)..<max(0, max(rect.row, min(rect.endRow, self.size.rows))) {
            for column in max(0, rect.column)..<max(0, max(rect.column, min(rect.endColumn, self.size.columns))) {
                self.set(Glyph(text, width: 1, style: style), column: column, row: row)
            }
        }
    }

    /// Adds a style's attributes and colours to what a rectangle already shows.
    mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        for row in max(0, rect.row)..<max(0, min(rect.endRow, self.size.rows)) {
            for column in max(0, rect.column)..<max(0, min(rect.endColumn, self.size.columns)) {
                let index = row * self.size.columns + column
                self.cells[index].style = change(self.cells[index].style)
            }
        }
    }

    private mutating func set(_ glyph: Glyph, column: Int, row: Int) {
        guard column >= 0, row >= 0, row < self.size.rows, column + glyph.width <= self.size.columns else { return }
        let index = row * self.size.columns + column
        // What is written over half a wide glyph blanks the other half.
        if self.cells[index].width == 0, column > 0 {
            self.cells[index - 1] = Cell(text: " ", width: 1, style: self.cells[index - 1].style)
        }
        let end = column + glyph.width
        if end < self.size.columns, self.cells[row * self.size.columns + end].width == 0 {
            self.cells[row * self.size.columns + end] = .blank
        }
        self.cells[index] = Cell(text: glyph.text, width: glyph.width, style: glyph.style)
        if glyph.width == 2 { self.cells[index + 1] = .rightHalf(glyph.style) }
    }

    /// The rows as text, without trailing blanks.
    var lines: [String] {
        (0..<self.size.rows).map { row in
            var line = self.row(row).map(\.text).joined()
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The screen without colours; attributes stay, so every state is still told apart.
    func withoutColour() -> Grid {
        var grid = self
        grid.restyle(grid.bounds) { $0.withoutColour }
        return grid
    }

    /// The screen for a terminal that shows only ASCII: each other glyph becomes as many `?` as it has cells.
    func asciiOnly() -> Grid {
        var grid = self
        for index in grid.cells.indices where !grid.cells[index].text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            grid.cells[index] = Cell(text: "?", width: 1, style: grid.cells[index].style)
            if index + 1 < grid.cells.endIndex, grid.cells[index + 1].width == 0 {
                grid.cells[index + 1] = Cell(text: "?", width: 1, style: grid.cells[index + 1].style)
            }
        }
        return grid
    }
}

/// One cell of the screen. The right half of a wide glyph has width 0 and no text.
struct Cell: Hashable, Sendable {
    var text: String
    var width: Int
    var style: Style

    static let blank = Cell(text: " ", width: 1, style: .plain)
    /// What stands to the right of a wide glyph.
    static func rightHalf(_ style: Style) -> Cell { Cell(text: "", width: 0, style: style) }
}
