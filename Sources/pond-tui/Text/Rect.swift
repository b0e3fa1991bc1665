/// A number of columns and rows.
struct Size: Hashable, Sendable {
    var columns: Int
    var rows: Int
}

/// A place on the screen.
struct Position: Hashable, Sendable {
    var column: Int
    var row: Int
}

/// A rectangle of cells; never negative, may be empty.
struct Rect: Hashable, Sendable {
    var column: Int
    var row: Int
    var columns: Int
    var rows: Int

    init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    /// The first column after it.
    var endColumn: Int { self.column + self.columns }
    /// The first row after it.
    var endRow: Int { self.row + self.rows }
    /// Whether it has no cell.
    var isEmpty: Bool { self.columns == 0 || self.rows == 0 }

    /// Whether a cell lies in it.
    func contains(column: Int, row: Int) -> Bool {
        column >= self.column && column < self.endColumn && row >= self.row && row < self.endRow
    }
}
