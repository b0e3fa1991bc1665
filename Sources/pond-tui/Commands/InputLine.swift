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

    /// Reads a line: `/` begins a command, `//` a text that begins with `/`. What no command looks like, such as a path,
    /// is text.
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
        guard !Self.isPath(word) else {
            self = .text(line)
            return
        }
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

    /// Whether the word behind a slash is a path or the like: it begins with no letter, or has a second slash. A command
    /// with a slash behind it is a slip of the finger, and what follows may be meant for one person.
    private static func isPath(_ word: String) -> Bool {
        guard let first = word.first else { return false }
        guard first.isLetter else { return true }
        guard let slash = word.firstIndex(of: "/") else { return false }
        let head = String(word[..<slash])
        return Command(rawValue: head) == nil && Command.aliases[head] == nil
    }

    /// Why a line does nothing, in words; `nil` when it does something.
    var fault: String? {
        switch self {
        case .unknown(let word, let suggestion):
            return "no command /\(TextSanitiser.plain(word))"
                + (suggestion.map { "; do you mean /\($0)?" } ?? "; F1 lists them")
                + "  (//\(TextSanitiser.plain(word)) sends it as text)"
        case .ambiguous(let word, let candidates):
            return "/\(word) may be /" + candidates.joined(separator: ", /")
        case .command(let command, let argument) where command.needsArgument && argument.isEmpty:
            return "usage: /\(command.rawValue) \(command.usage.arguments)"
        case .empty, .text, .command: return nil
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
