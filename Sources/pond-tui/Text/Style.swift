/// How a cell looks; a missing colour is the terminal's own.
struct Style: Hashable, Sendable {
    var foreground: Colour?
    var background: Colour?
    var attributes: Attributes

    /// What every terminal since the VT100 can do in some form.
    struct Attributes: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let bold = Attributes(rawValue: 1)
        static let dim = Attributes(rawValue: 2)
        static let reverse = Attributes(rawValue: 4)
        static let underline = Attributes(rawValue: 8)
    }

    init(_ foreground: Colour? = nil, on background: Colour? = nil, _ attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    static let plain = Style()

    /// This style without colours; its attributes stay.
    var withoutColour: Style { Style(nil, on: nil, self.attributes) }

    /// This style with more attributes.
    func adding(_ attributes: Attributes) -> Style {
        Style(self.foreground, on: self.background, self.attributes.union(attributes))
    }
}

/// A colour of the 256-colour palette.
struct Colour: Hashable, Sendable {
    var index: UInt8

    static let black = Colour(index: 0)
    static let red = Colour(index: 1)
    static let green = Colour(index: 2)
    static let yellow = Colour(index: 3)
    static let blue = Colour(index: 4)
    static let magenta = Colour(index: 5)
    static let cyan = Colour(index: 6)
    static let white = Colour(index: 7)
    static let grey = Colour(index: 8)
}
