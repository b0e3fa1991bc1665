/// What the user can choose with `/set`, kept from run to run.
struct Settings: Hashable, Sendable {
    var theme = "standard"
    /// The theme of this run alone, from the command line; not kept.
    var themeOfRun: String?
    /// Whether panes are divided by line drawing instead of letters that any terminal and reader knows.
    var drawsLines = false
    /// Looks that differ from the theme's, by the names of roles.
    var looks: [String: String] = [:]
    /// Which joins and leaves are shown.
    var presence = PresenceFilter.folded
    var mouse = false
    var bell = true
    /// How the terminal tells of messages to the user while it is out of sight.
    var notifications = NotificationKind.off
    /// Whether Escape leads from writing to vi's commands.
    var vi = false
    /// Whether the terminal's title tells the room and what is unread.
    var title = true
    var log = false
    /// Whether the last messages of each room are kept on this machine, for a start without a server.
    var keepsScreens = true
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
            ("theme", self.theme), ("lines", Self.word(self.drawsLines)), ("fold", self.presence.rawValue),
            ("mouse", Self.word(self.mouse)),
            ("vi", Self.word(self.vi)), ("bell", Self.word(self.bell)), ("notify", self.notifications.rawValue),
            ("title", Self.word(self.title)), ("log", Self.word(self.log)), ("screens", Self.word(self.keepsScreens)),
            ("exec", Self.word(self.allowsExec)), ("typing", Self.word(self.sendsTyping)),
            ("paste_lines", String(self.pasteLines)), ("highlight", self.highlights.joined(separator: ",")),
            ("ignore", self.ignored.joined(separator: ",")),
        ] + self.looks.sorted { $0.key < $1.key }.map { ("theme." + $0.key, $0.value) }
    }

    /// What each of them is for, with the values it takes.
    static func summary(_ name: String) -> String {
        switch name {
        case "theme": "looks: " + Theme.all.map(\.name).joined(separator: ", ") + "; /theme for each piece"
        case "lines": "line drawing between panes instead of | and -"
        case "fold": "joins and leaves: on folds, smart shows who talks, off all"
        case "mouse": "clicks on rooms, people, links; Shift selects text"
        case "vi": "Escape leads to vi's commands, i back"
        case "bell": "rings for mentions and conversations"
        case "notify": "on the desktop: off, or OSC 9, 777, 99 as your terminal knows"
        case "title": "the window's title tells the room and what is unread"
        case "log": "writes what is said to files"
        case "screens": "keeps the last messages of each room here, shown as old without a server"
        case "exec": "lets /exec run programs"
        case "typing": "lets others see that you type"
        case "paste_lines": "asks about longer pastes"
        case "highlight": "words that count as a mention"
        case "ignore": "people whose messages are not shown"
        default: ""
        }
    }

    /// Whether somebody's messages are not shown.
    func ignores(_ name: String) -> Bool {
        !self.ignored.isEmpty && self.ignored.contains { $0 == name || $0.lowercased() == name.lowercased() }
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
            self.themeOfRun = nil
            return nil
        case "fold":
            let others = ["true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"]
            guard let filter = PresenceFilter(rawValue: others[value.lowercased()] ?? value.lowercased()) else {
                return "fold is on, smart or off"
            }
            self.presence = filter
            return nil
        case "vi": return flag(\.vi)
        case "lines": return flag(\.drawsLines)
        case "mouse": return flag(\.mouse)
        case "bell": return flag(\.bell)
        case "notify":
            guard let kind = NotificationKind(value) else { return "notify is off, 9, 777 or 99" }
            self.notifications = kind
            return nil
        case "title": return flag(\.title)
        case "log": return flag(\.log)
        case "screens": return flag(\.keepsScreens)
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
        case _ where name.hasPrefix("theme."):
            return self.setLook(String(name.dropFirst("theme.".count)), to: value)
        default: return "no setting \(name); /set lists them"
        }
    }

    private static func word(_ flag: Bool) -> String { flag ? "on" : "off" }
}

/// Which joins and leaves are shown; the raw value is its name in `tui.conf`.
enum PresenceFilter: String, CaseIterable, Sendable {
    /// All, those in a row in one line.
    case folded = "on"
    /// Folded, and only of people who say something within half an hour.
    case smart
    /// Each in a line of its own.
    case all = "off"

    /// What comes after it where one goes through them.
    var next: PresenceFilter {
        switch self {
        case .folded: .smart
        case .smart: .all
        case .all: .folded
        }
    }

    /// What the user is told.
    var words: String {
        switch self {
        case .folded: "joins and leaves are folded"
        case .smart: "joins and leaves are shown of those who talk"
        case .all: "joins and leaves are all shown"
        }
    }
}

/// By which of the sequences that terminals know a notification is made; the raw value is its name in `tui.conf`.
enum NotificationKind: String, CaseIterable, Sendable {
    case off
    /// iTerm2, ConEmu, foot, Ghostty and others: a line of text.
    case line = "9"
    /// urxvt, foot, Ghostty and others: a title and a text.
    case titled = "777"
    /// kitty: a title and a text, in letters that cannot end the sequence.
    case kitty = "99"

    /// The kind of a name; `on` is the one that most terminals know.
    init?(_ name: String) {
        switch name.lowercased() {
        case "on", "true", "yes", "1": self = .line
        case "false", "no", "0": self = .off
        default: self.init(rawValue: name.lowercased())
        }
    }
}
