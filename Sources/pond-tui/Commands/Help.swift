/// The text of the help page.
enum Help {
    /// One row of it.
    struct Line: Hashable, Sendable {
        /// The key, the command or the sign; empty for headings and blank rows.
        var term = ""
        var text: String
        var isHeading = false
    }

    /// The rows that contain a text; headings stay with what is under them.
    static func lines(filter: String, keyMap: KeyMap) -> [Line] {
        let wanted = filter.lowercased()
        var lines: [Line] = []
        for (title, group) in Self.groups(keyMap) {
            let kept = group.filter {
                wanted.isEmpty || $0.term.lowercased().contains(wanted) || $0.text.lowercased().contains(wanted)
            }
            guard !kept.isEmpty else { continue }
            if !lines.isEmpty { lines.append(Line(text: "")) }
            lines.append(Line(text: title, isHeading: true))
            lines.append(contentsOf: kept)
        }
        return lines.isEmpty ? [Line(text: "nothing of that here")] : lines
    }

    private static func groups(_ keyMap: KeyMap) -> [(String, [Line])] {
        func keys(_ actions: [Action]) -> [Line] {
            actions.compactMap { action in
                let names = keyMap.keys(for: action)
                return names.isEmpty ? nil : Line(term: names.joined(separator: ", "), text: action.summary)
            }
        }
        func commands(_ commands: [Command]) -> [Line] {
            commands.map { Line(term: "/\($0.rawValue) \($0.usage.arguments)", text: $0.usage.summary) }
        }
        return [("FIRST STEPS", Self.firstSteps), ("SIGNS", Self.signs)]
            + Self.keyGroups.map { ($0.0, keys($0.1)) } + Self.commandGroups.map { ($0.0, commands($0.1)) }
    }

    private static let firstSteps = [
        Line(term: "text, Enter", text: "says it in this room; offline it goes out later, once"),
        Line(term: "/rooms, /join #name", text: "what rooms there are; enter one, or make it"),
        Line(term: "Tab", text: "completes names, rooms, commands, :emoji:"),
        Line(term: "M-a, M-1 to M-0", text: "next room with something new; rooms 1 to 10"),
        Line(term: "/msg name [text]", text: "a conversation between two"),
        Line(term: "C-o, then j k", text: "chooses a message: r reply, e edit, d remove, c copy, o open"),
        Line(term: "PgUp, Esc", text: "read back; return to the newest message"),
        Line(term: "F6, then c z h", text: "both state machines live; cut, freeze, heal your connection"),
        Line(term: "/part /list /query ..", text: "IRC's names for commands work too"),
        Line(term: "M-m, then click", text: "on rooms, people, links, your text; right: whois, copy"),
        Line(term: "/set, /theme", text: "vi keys, notifications and more; colours of each piece"),
        Line(term: "C-c twice", text: "quits, from an empty line"),
        Line(term: "M-x, C-x, S-x", text: "are Alt (or Esc, then x), Ctrl and Shift with x"),
    ]

    private static let signs = [
        Line(term: "rooms", text: ". IDLE ~ JOINING + JOINED ! STALLED x CLOSED D DECLINED"),
        Line(term: "own messages", text: "o queued  > sending  x failed  (blank) delivered"),
        Line(term: "apart", text: "the server has lost its kin: what is said is stored later"),
        Line(term: "people", text: "+ here  ~ away  - busy  @ keeps order"),
        Line(term: "counts", text: "3 unread, @1 speaks to you, q2 wait to be sent"),
    ]

    private static let keyGroups: [(String, [Action])] = [
        (
            "ROOMS",
            [
                .roomImportant, .roomNext, .roomPrevious, .roomBack, .roomNumber, .switcher, .firstUnread,
                .mentionNext, .mentionPrevious,
            ]
        ),
        ("READING", [.selectMessage, .pageUp, .pageDown, .top, .bottom, .escape, .search, .bare, .presenceNoise]),
        ("WRITING", [.send, .newLine, .complete, .completeBack, .up, .down, .historySearch, .externalEditor]),
        ("SCREEN", [.help, .reconnect, .stateLog, .rooms, .people, .mouse, .repaint, .suspend, .interrupt]),
        (
            "EDITING",
            [
                .left, .right, .wordLeft, .wordRight, .lineStart, .lineEnd, .deleteBackward, .deleteForward,
                .endOfInput,
                .killToBlank, .killWordBackward, .killWordForward, .killToStart, .killToEnd, .yank, .yankPop,
                .transpose,
                .undo, .redo,
            ]
        ),
    ]

    private static let commandGroups: [(String, [Command])] = [
        (
            "COMMANDS FOR ROOMS   any beginning that fits only one will do; //text sends /text",
            [.join, .rooms, .leave, .rejoin, .close, .switch, .who, .topic, .move, .pin, .mark, .unread, .clear]
        ),
        ("FOR TALKING", [.msg, .me, .reply, .edit, .remove, .away, .back, .whois, .ignore, .highlight]),
        ("FOR YOUR NAME", [.nick, .claim, .identify]),
        ("FOR KEEPING ORDER", [.kick, .ban, .unban, .mute, .unmute, .slow, .role]),
        (
            "FOR THE CONNECTION",
            [.connect, .disconnect, .reconnect, .ping, .state, .fault, .queue, .retry, .drop]
        ),
        ("FOR FINDING AND KEEPING", [.search, .last, .bare, .links, .open, .copy, .log, .export]),
        (
            "FOR THE PROGRAM",
            [.help, .set, .theme, .keys, .filter, .editor, .exec, .paste, .reload, .save, .debug, .quit]
        ),
    ]
}
