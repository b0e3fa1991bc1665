/// Everything that can happen to the program.
enum Event: Hashable, Sendable {
    case key(Key)
    case paste(String)
    case resize(Size)
    case focus(Bool)
    /// A mouse button or wheel at a cell.
    case mouse(MouseEvent)
    /// Time has passed.
    case tick
    case session(SessionEvent)
    /// A line from outside: `--exec`, the control socket.
    case line(String)
    /// `$EDITOR` or a program has ended; its text, or what went wrong.
    case edited(String)
    case output(String)
    case problem(String)
    case settings(Settings, KeyMap)
    /// How far the local time is east of Greenwich.
    case zone(secondsEast: Int)
    /// Closes whatever is open, as plain mode does when it has printed it.
    case dismiss
    /// Back from being stopped.
    case resumed

    /// What the mouse did.
    struct MouseEvent: Hashable, Sendable {
        var column: Int
        var row: Int
        var kind: Kind

        /// What of it was used.
        enum Kind: Hashable, Sendable {
            case press
            /// The right button.
            case secondaryPress
            case wheelUp
            case wheelDown
        }
    }
}
