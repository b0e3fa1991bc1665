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
