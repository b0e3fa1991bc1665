/// Which key does what. A sequence is several keys joined by a blank: `C-x C-e`.
struct KeyMap: Hashable, Sendable {
    private var actions: [[Key]: Action]

    /// What came of looking up a sequence.
    enum Match: Hashable, Sendable {
        case action(Action)
        /// More keys are to follow.
        case prefix
        case none
    }

    /// What a sequence of keys means.
    func match(_ keys: [Key]) -> Match {
        if let action = self.actions[keys] { return .action(action) }
        let begins = self.actions.keys.contains { $0.count > keys.count && Array($0.prefix(keys.count)) == keys }
        return begins ? .prefix : .none
    }

    /// Binds a sequence; gives back what is wrong, or `nil`.
    mutating func bind(_ sequence: String, to actionName: String) -> String? {
        let keys = sequence.split(separator: " ").map { Key(String($0)) }
        guard !keys.isEmpty, !keys.contains(nil) else { return "\(sequence) is no key" }
        guard let action = Action(rawValue: actionName) else { return "\(actionName) is no action" }
        self.actions[keys.compactMap(\.self)] = action
        return nil
    }

    /// The keys of an action, by name, the shortest first.
    func keys(for action: Action) -> [String] {
        self.actions.filter { $0.value == action }
            .map { $0.key.map(\.name).joined(separator: " ") }
            .sorted { ($0.count, $0) < ($1.count, $1) }
    }

    /// The keys a WeeChat, irssi or shell user expects.
    static let standard: KeyMap = {
        var map = KeyMap(actions: [:])
        for (action, keys) in Self.table {
            for key in keys { _ = map.bind(key, to: action.rawValue) }
        }
        return map
    }()

    private static let table: [(Action, [String])] = [
        (.send, ["Enter"]), (.newLine, ["M-Enter", "C-j", "S-Enter"]),
        (.left, ["Left", "C-b"]), (.right, ["Right", "C-f"]),
        (.wordLeft, ["C-Left", "M-Left", "M-b"]), (.wordRight, ["C-Right", "M-Right", "M-f"]),
        (.lineStart, ["Home", "C-a"]), (.lineEnd, ["End", "C-e"]),
        (.deleteBackward, ["Backspace", "C-h"]), (.deleteForward, ["Delete"]),
        (.killToBlank, ["C-w"]), (.killToStart, ["C-u"]), (.killToEnd, ["C-k"]),
        (.killWordForward, ["M-d"]), (.killWordBackward, ["M-Backspace"]),
        (.yank, ["C-y"]), (.yankPop, ["M-y"]), (.transpose, ["C-t"]), (.undo, ["C-_", "C-7"]), (.redo, ["M-_"]),
        (.up, ["Up"]), (.down, ["Down"]), (.historySearch, ["C-r"]),
        (.complete, ["Tab"]), (.completeBack, ["S-Tab"]),
        (.roomNext, ["C-n", "M-Down"]), (.roomPrevious, ["C-p", "M-Up"]),
        (.roomImportant, ["M-a"]), (.roomBack, ["M-/"]), (.roomNumber, ["M-j"]), (.switcher, ["F2", "M-k"]),
        (.selectMessage, ["C-o", "S-Up"]),
        (.firstUnread, ["M-u"]), (.mentionNext, ["M-n"]), (.mentionPrevious, ["M-p"]),
        (.pageUp, ["PgUp"]), (.pageDown, ["PgDn"]), (.top, ["M-<"]), (.bottom, ["M->"]),
        (.search, ["C-s"]), (.reconnect, ["F5", "M-r"]), (.stateLog, ["F6"]), (.rooms, ["F7"]), (.people, ["F8"]),
        (.bare, ["M-l"]), (.presenceNoise, ["M-="]), (.mouse, ["M-m"]),
        (.externalEditor, ["C-x C-e"]), (.repaint, ["C-l"]), (.suspend, ["C-z"]), (.interrupt, ["C-c"]),
        (.endOfInput, ["C-d"]), (.help, ["F1", "M-?"]), (.escape, ["Esc"]),
    ]
}
