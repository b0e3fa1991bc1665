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
