/// What the user can choose with `/set`, kept from run to run.
struct Settings: Hashable, Sendable {
    var theme = "standard"
    /// Whether joins and leaves are folded into one line.
    var foldsPresence = true
    var mouse = false
    var bell = true
    var notifications = true
    /// Whether the terminal's title tells the room and what is unread.
    var title = true
    var log = false
    /// Whether `/exec` may run programs.
    var allowsExec = false
    /// Whether others see that one is typing.
    var sendsTyping = true
    /// A paste of more lines than this is asked about.
    var pasteLines = 3
    /// Words that count as a mention beside the own name.
    var highlights: [String] = []
    /// People whose messages are not shown.
    var ignored: [String] = []

    /// The names that `/set` knows, with their values.
    var values: [(name: String, value: String)] {
        [
            ("theme", self.theme), ("fold", Self.word(self.foldsPresence)), ("mouse", Self.word(self.mouse)),
            ("bell", Self.word(self.bell)), ("notify", Self.word(self.notifications)),
            ("title", Self.word(self.title)), ("log", Self.word(self.log)),
            ("exec", Self.word(self.allowsExec)), ("typing", Self.word(self.sendsTyping)),
            ("paste_lines", String(self.pasteLines)), ("highlight", self.highlights.joined(separator: ",")),
            ("ignore", self.ignored.joined(separator: ",")),
        ]
    }

    /// Sets a value by name; gives back what is wrong, or `nil`.
    mutating func set(_ name: String, to value: String) -> String? {
        func flag(_ path: WritableKeyPath<Settings, Bool>) -> String? {
            switch value.lowercased() {
            case "on", "true", "yes", "1": self[keyPath: path] = true
            case "off", "false", "no", "0": self[keyPath: path] = false
            default: return "\(name) is on or off"
            }
            return nil
        }
        func list(_ path: WritableKeyPath<Settings, [String]>) -> String? {
            self[keyPath: path] = value.split(separator: ",").map {
                $0.filter { !$0.isWhitespace && !$0.isNewline }
            }.filter { !$0.isEmpty }
            return nil
        }
        switch name {
        case "theme":
            guard Theme.named(value) != nil else {
                return "theme is one of " + Theme.all.map(\.name).joined(separator: ", ")
            }
            self.theme = value
            return nil
        case "fold": return flag(\.foldsPresence)
        case "mouse": return flag(\.mouse)
        case "bell": return flag(\.bell)
        case "notify": return flag(\.notifications)
        case "title": return flag(\.title)
        case "log": return flag(\.log)
        case "exec": return flag(\.allowsExec)
        case "typing": return flag(\.sendsTyping)
        case "paste_lines":
            guard let number = Int(value), (1...10_000).contains(number) else {
                return "paste_lines is a number from 1 to 10000"
            }
            self.pasteLines = number
            return nil
        case "highlight": return list(\.highlights)
        case "ignore": return list(\.ignored)
        default: return "no setting \(name); /set lists them"
        }
    }

    private static func word(_ flag: Bool) -> String { flag ? "on" : "off" }
}
