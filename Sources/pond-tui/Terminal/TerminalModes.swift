/// What is switched on in the terminal besides what curses does; entering and leaving come from the same list.
struct TerminalModes: Hashable, Sendable {
    var mouse: Bool

    static let mouseOn = "\u{1B}[?1002h\u{1B}[?1006h"
    static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l"

    /// Bracketed paste, focus reports, and the mouse if wanted.
    var enter: String { "\u{1B}[?2004h\u{1B}[?1004h" + (self.mouse ? Self.mouseOn : "") }

    /// All of it off, also what may have been switched on since.
    var leaveAll: String { "\u{1B}[?2004l\u{1B}[?1004l" + Self.mouseOff }
}
