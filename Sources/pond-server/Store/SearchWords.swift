import PondChat
import PondKit

/// What a person typed to search for, as questions the store can answer in bounded time: nothing of it is taken for
/// search syntax.
struct SearchWords: Hashable {
    /// The parts, all of which a message must hold.
    let parts: [Part]

    enum Part: Hashable {
        /// Words of the index, quoted.
        case words(String)
        /// Text as it stands, for scripts that put no spaces between words.
        case substring(String)
        /// The folded beginning of a word that is longer than what the index has of beginnings.
        case beginning(String)
    }

    /// The letters of a beginning that the index answers at once; shorter beginnings would be half of all words.
    static let indexedLetters = 3
    /// The most words with a `*`.
    static let beginnings = 2
    /// The most different words.
    static let words = 16

    /// `nil` when nothing is left to search for; throws 400 for what would take too long.
    init?(_ query: String) throws(PondError) {
        var (words, others): (Set<String>, [Part]) = ([], [])
        var expressions: [String] = []
        var beginnings = 0
        for raw in query.unicodeScalars.split(whereSeparator: { $0.properties.isWhitespace }) {
            guard words.count + others.count < Self.words else { break }
            let text = String(raw)
            if text.unicodeScalars.contains(where: Self.hasNoWordSpaces) {
                if !others.contains(.substring(text)) { others.append(.substring(text)) }
                continue
            }
            var tokens = WordFolding.words(in: text)
            guard !tokens.isEmpty,
                words.insert(tokens.joined(separator: " ") + (text.hasSuffix("*") ? "*" : "")).inserted
            else { continue }
            if text.hasSuffix("*"), let last = tokens.popLast() {
                beginnings += 1
                guard beginnings <= Self.beginnings else {
                    throw .badRequest("a search has at most \(Self.beginnings) words that end in *")
                }
                guard last.count >= Self.indexedLetters else {
                    throw .badRequest("a word that ends in * needs at least \(Self.indexedLetters) letters before it")
                }
                expressions.append("\"\(last.prefix(Self.indexedLetters))\"*")
                if last.count > Self.indexedLetters { others.append(.beginning(last)) }
            }
            if !tokens.isEmpty { expressions.append("\"\(tokens.joined(separator: " "))\"") }
        }
        guard !expressions.isEmpty || !others.isEmpty else { return nil }
        self.parts = (expressions.isEmpty ? [] : [.words(expressions.joined(separator: " AND "))]) + others
    }

    /// Whether the index alone cannot tell what fits.
    var checksBeginnings: Bool { self.parts.contains { if case .beginning = $0 { true } else { false } } }

    /// Whether a text has a word for each of the beginnings.
    func fits(_ text: String) -> Bool {
        var words: [String]?
        for case .beginning(let beginning) in self.parts {
            let found = words ?? WordFolding.words(in: text)
            words = found
            guard found.contains(where: { $0.hasPrefix(beginning) }) else { return false }
        }
        return true
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
