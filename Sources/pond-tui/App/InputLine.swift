/// What a line that was typed means.
enum InputLine: Hashable, Sendable {
    case empty
    /// Text to send.
    case text(String)
    case command(Command, argument: String)
    /// No such command; what might be meant.
    case unknown(String, suggestion: String?)
    /// The beginning of several commands.
    case ambiguous(String, [String])

    /// Reads a line: `/` begins a command, `//` a text that begins with `/`.
    init(_ line: String) {
        guard line.contains(where: { !$0.isWhitespace }) else {
            self = .empty
            return
        }
        guard line.hasPrefix("/") else {
            self = .text(line)
            return
        }
        guard !line.hasPrefix("//") else {
            self = .text(String(line.dropFirst()))
            return
        }
        let rest = line.dropFirst()
        let end = rest.firstIndex { $0.isWhitespace } ?? rest.endIndex
        let word = rest[..<end].lowercased()
        let argument = Self.trimmed(rest[end...])
        if let command = Command(rawValue: word) {
            self = .command(command, argument: argument)
            return
        }
        if let command = Command.aliases[word] {
            self = .command(command, argument: argument)
            return
        }
        let matches = Command.allCases.filter { !word.isEmpty && $0.rawValue.hasPrefix(word) }
        if matches.count == 1 {
            self = .command(matches[0], argument: argument)
        } else if matches.count > 1 {
            self = .ambiguous(word, matches.map(\.rawValue))
        } else {
            let nearest = Command.allCases
                .map { (command: $0.rawValue, distance: FuzzyMatch.distance(word, $0.rawValue)) }
                .min { $0.distance < $1.distance }
            let suggestion = nearest.flatMap { $0.distance <= max(1, word.count / 2) ? $0.command : nil }
            self = .unknown(word, suggestion: suggestion)
        }
    }

    /// Where in a line a password begins, which is neither shown nor remembered; `nil` in all other lines.
    static func secretStart(_ line: String) -> Int? {
        guard line.hasPrefix("/"), let blank = line.firstIndex(where: { $0.isWhitespace }) else { return nil }
        switch InputLine(String(line[..<blank])) {
        case .command(.identify, _), .command(.claim, _): return line.distance(from: line.startIndex, to: blank) + 1
        default: return nil
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
