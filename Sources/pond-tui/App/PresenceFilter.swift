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
