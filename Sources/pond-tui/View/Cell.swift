/// One cell of the screen. The right half of a wide glyph has width 0 and no text.
struct Cell: Hashable, Sendable {
    var text: String
    var width: Int
    var style: Style

    static let blank = Cell(text: " ", width: 1, style: .plain)
    /// What stands to the right of a wide glyph.
    static func rightHalf(_ style: Style) -> Cell { Cell(text: "", width: 0, style: style) }
}
