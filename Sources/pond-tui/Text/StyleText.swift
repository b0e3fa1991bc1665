/// How something looks, in words: `magenta bold`, `207 on 236 underline`, `#ff8800`, `default`.
enum StyleText {
    private static let colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "grey"]
    private static let attributes: [(String, Style.Attributes)] = [
        ("bold", .bold), ("dim", .dim), ("reverse", .reverse), ("underline", .underline),
    ]

    /// The style of a text, or `nil` when it makes no sense.
    static func style(_ text: String) -> Style? {
        var style = Style.plain
        var isBackground = false
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard !words.isEmpty else { return nil }
        for word in words {
            if word == "on", !isBackground {
                isBackground = true
            } else if let attribute = Self.attributes.first(where: { $0.0 == word }) {
                style.attributes.insert(attribute.1)
            } else if word == "default" || word == "plain" {
                isBackground = false
            } else if let colour = Self.colour(word) {
                if isBackground { style.background = colour } else { style.foreground = colour }
                isBackground = false
            } else {
                return nil
            }
        }
        return isBackground ? nil : style
    }

    /// The words of a style, which `style` reads.
    static func words(_ style: Style) -> String {
        var words: [String] = []
        if let colour = style.foreground { words.append(Self.word(colour)) }
        if let colour = style.background { words += ["on", Self.word(colour)] }
        words += Self.attributes.filter { style.attributes.contains($0.1) }.map(\.0)
        return words.isEmpty ? "default" : words.joined(separator: " ")
    }

    /// A colour by its name, its number, or the nearest there is to red, green and blue.
    static func colour(_ word: String) -> Colour? {
        if let index = Self.colours.firstIndex(of: word == "gray" ? "grey" : word) {
            return Colour(index: UInt8(index))
        }
        if let number = UInt8(word) { return Colour(index: number) }
        guard word.hasPrefix("#"), word.utf8.count == 7, let number = UInt32(word.dropFirst(), radix: 16) else {
            return nil
        }
        let levels = [0, 95, 135, 175, 215, 255]
        func nearest(_ value: UInt32) -> Int {
            levels.indices.min { abs(levels[$0] - Int(value)) < abs(levels[$1] - Int(value)) } ?? 0
        }
        let parts = [number >> 16, number >> 8 & 255, number & 255].map(nearest)
        return Colour(index: UInt8(16 + 36 * parts[0] + 6 * parts[1] + parts[2]))
    }

    private static func word(_ colour: Colour) -> String {
        Int(colour.index) < Self.colours.count ? Self.colours[Int(colour.index)] : String(colour.index)
    }
}
