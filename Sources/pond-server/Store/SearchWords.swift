/// What a person typed to search for, as questions the store can answer: nothing of it is taken for search syntax.
struct SearchWords: Hashable {
    /// The parts, all of which a message must hold.
    let parts: [Part]

    enum Part: Hashable {
        /// Words of the index, quoted.
        case words(String)
        /// Text as it stands, for scripts that put no spaces between words.
        case substring(String)
    }

    /// `nil` when nothing is left to search for.
    init?(_ query: String) {
        var words: [String] = []
        var substrings: [Part] = []
        for raw in query.unicodeScalars.split(whereSeparator: { $0.properties.isWhitespace }).prefix(16) {
            var text = String(raw)
            if text.unicodeScalars.contains(where: Self.hasNoWordSpaces) {
                substrings.append(.substring(text))
                continue
            }
            let isPrefix = text.hasSuffix("*")
            if isPrefix { text.removeLast() }
            guard
                text.unicodeScalars.contains(where: { $0.properties.isAlphabetic || $0.properties.numericType != nil })
            else { continue }
            words.append("\"\(text.replacing("\"", with: "\"\""))\"" + (isPrefix ? "*" : ""))
        }
        let index: [Part] = words.isEmpty ? [] : [.words(words.joined(separator: " "))]
        guard !index.isEmpty || !substrings.isEmpty else { return nil }
        self.parts = index + substrings
    }

    private static func hasNoWordSpaces(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
