/// What is switched on in the terminal besides what curses does; entering and leaving come from the same list.
struct TerminalModes: Hashable, Sendable {
    var mouse: Bool
    /// Whether titles and frames can be used.
    var isModern = false

    static let mouseOn = "\u{1B}[?1002h\u{1B}[?1006h"
    static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l"

    /// Whether the terminal is of the kind that knows titles and can be asked about its modes.
    static func isModern(_ kind: String) -> Bool {
        let kinds = [
            "xterm", "tmux", "screen", "foot", "alacritty", "kitty", "wezterm", "ghostty", "contour", "rxvt", "st-",
            "vte",
            "konsole", "iterm", "mintty",
        ]
        return kinds.contains { kind.hasPrefix($0) } || kind == "st"
    }

    /// Asks whether frames can be shown all at once.
    static let askSynchronised = "\u{1B}[?2026$p"
    static let synchronised = 2026
    static let beginFrame = "\u{1B}[?2026h"
    static let endFrame = "\u{1B}[?2026l"

    /// The title before the program, kept by the terminal meanwhile.
    static let saveTitle = "\u{1B}[22;2t"
    static let restoreTitle = "\u{1B}[23;2t"

    /// Bracketed paste, focus reports, and the mouse if wanted.
    var enter: String {
        "\u{1B}[?2004h\u{1B}[?1004h" + (self.mouse ? Self.mouseOn : "") + (self.isModern ? Self.saveTitle : "")
    }

    /// All of it off, also what may have been switched on since.
    var leaveAll: String {
        "\u{1B}[?2004l\u{1B}[?1004l" + Self.mouseOff + (self.isModern ? Self.endFrame + Self.restoreTitle : "")
    }
}
