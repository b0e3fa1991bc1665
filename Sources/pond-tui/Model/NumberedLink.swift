/// A link in a room, under the number that `/open` takes.
struct NumberedLink: Hashable, Sendable {
    var number: Int
    var url: String

    /// The links of one message that get a number.
    private static let most = 50
    private static let schemes = ["https://", "http://", "ws://", "wss://", "ftp://", "gemini://", "mailto:"]

    /// The links of a text in order.
    static func find(in text: String) -> [String] {
        var found: [String] = []
        for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "<" || $0 == ">" || $0 == "\"" }) {
            guard let start = Self.schemes.compactMap({ Self.start(of: $0, in: word) }).min() else { continue }
            var link = word[start...]
            while let last = link.last, ".,;:!?'".contains(last) || (last == ")" && !link.contains("(")) {
                link = link.dropLast()
            }
            guard found.count < Self.most else { break }
            if link.contains(where: { $0.isLetter }), Self.schemes.allSatisfy({ $0 != link }) {
                found.append(String(link))
            }
        }
        return found
    }

    private static func start(of scheme: String, in word: Substring) -> String.Index? {
        word.ranges(of: scheme).first?.lowerBound
    }
}
