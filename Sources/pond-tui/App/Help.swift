/// The text of the help page.
enum Help {
    /// One row of it.
    struct Line: Hashable, Sendable {
        var text: String
        var isHeading = false
    }

    /// The rows that contain a text; headings stay with what is under them.
    static func lines(filter: String, keyMap: KeyMap) -> [Line] {
        let wanted = filter.lowercased()
        func keep(_ lines: [String]) -> [Line] {
            lines.filter { wanted.isEmpty || $0.lowercased().contains(wanted) }.map { Line(text: $0) }
        }
        let keys = Action.allCases.compactMap { action -> String? in
            let names = keyMap.keys(for: action)
            guard action != .noop, !names.isEmpty else { return nil }
            return Renderer.pad(names.joined(separator: ", "), 28) + action.summary
        }
        let commands = Command.allCases.map { command in
            Renderer.pad("/\(command.rawValue) \(command.usage.arguments)", 28) + command.usage.summary
        }
        var lines: [Line] = []
        for (title, group) in [
            (
                "KEYS   M- is Alt, or Esc before the key; S- is Shift; C- is Ctrl; M-1 to M-0 go to rooms 1 to 10",
                keep(keys)
            ),
            ("COMMANDS   any beginning that fits only one will do; //text sends /text", keep(commands)),
            ("SIGNS", keep(Self.signs)),
        ] where !group.isEmpty {
            if !lines.isEmpty { lines.append(Line(text: "")) }
            lines.append(Line(text: title, isHeading: true))
            lines.append(contentsOf: group)
        }
        return lines
    }

    private static let signs = [
        "Rooms    . IDLE  ~ JOINING  + JOINED  ! STALLED  x CLOSED  D DECLINED",
        "Messages o queued  > sending  x failed  (blank) delivered  * action",
        "People   @ has a rank  + here  ~ away  - busy",
        "Counts   3 unread, @1 of them speaks to you, q2 wait to be sent",
    ]
}
