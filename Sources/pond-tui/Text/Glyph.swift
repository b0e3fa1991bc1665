/// One cluster as it goes to the screen: a spacing scalar with at most three marks, one or two cells wide.
struct Glyph: Hashable, Sendable {
    var text: String
    var width: Int
    var style: Style
    /// The number of the link it belongs to; 0 for none.
    var link: Int32 = 0

    init(_ text: String, width: Int, style: Style = .plain) {
        self.text = text
        self.width = width
        self.style = style
    }

    /// Whether a line may be broken after it.
    var isSpace: Bool { self.text == " " }
    /// Whether it ends a line by itself.
    var isNewline: Bool { self.text == "\n" }
}

extension Sequence<Glyph> {
    /// The cells all of them take.
    var columns: Int { self.reduce(0) { $0 + $1.width } }
}
