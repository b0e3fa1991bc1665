/// What a key can do; the raw value is its name in `keys.conf`.
enum Action: String, CaseIterable, Sendable {
    case send
    case newLine = "new-line"
    case left
    case right
    case wordLeft = "word-left"
    case wordRight = "word-right"
    case lineStart = "line-start"
    case lineEnd = "line-end"
    case deleteBackward = "delete-backward"
    case deleteForward = "delete-forward"
    case killToBlank = "kill-to-blank"
    case killToStart = "kill-to-start"
    case killToEnd = "kill-to-end"
    case killWordForward = "kill-word-forward"
    case killWordBackward = "kill-word-backward"
    case yank
    case yankPop = "yank-pop"
    case transpose
    case undo
    case redo
    case up
    case down
    case historySearch = "history-search"
    case complete
    case completeBack = "complete-back"
    case roomNext = "room-next"
    case roomPrevious = "room-previous"
    case roomImportant = "room-important"
    case roomBack = "room-back"
    case roomNumber = "room-number"
    case switcher
    case selectMessage = "select-message"
    case firstUnread = "first-unread"
    case mentionNext = "mention-next"
    case mentionPrevious = "mention-previous"
    case pageUp = "page-up"
    case pageDown = "page-down"
    case top
    case bottom
    case search
    case reconnect
    case stateLog = "state-log"
    case rooms
    case people
    case bare
    case presenceNoise = "presence-noise"
    case mouse
    case externalEditor = "external-editor"
    case repaint
    case suspend
    case interrupt
    case endOfInput = "end-of-input"
    case help
    case escape
    case noop

    /// What the help says.
    var summary: String {
        switch self {
        case .send: "send the message"
        case .newLine: "begin a new line in the message"
        case .left: "move left"
        case .right: "move right"
        case .wordLeft: "move a word left"
        case .wordRight: "move a word right"
        case .lineStart: "move to the start of the line"
        case .lineEnd: "move to the end of the line"
        case .deleteBackward: "delete the character before"
        case .deleteForward: "delete the character after"
        case .killToBlank: "cut back to the last blank"
        case .killToStart: "cut to the start of the line"
        case .killToEnd: "cut to the end of the line"
        case .killWordForward: "cut the word after"
        case .killWordBackward: "cut the word before"
        case .yank: "put in what was cut"
        case .yankPop: "put in what was cut before that"
        case .transpose: "swap two characters"
        case .undo: "undo"
        case .redo: "redo"
        case .up: "line up, or earlier input"
        case .down: "line down, or later input"
        case .historySearch: "search in earlier input"
        case .complete: "complete a name, room, command or emoji"
        case .completeBack: "complete, the other way round"
        case .roomNext: "next room"
        case .roomPrevious: "previous room"
        case .roomImportant: "next room by importance"
        case .roomBack: "the room before"
        case .roomNumber: "room by number, two digits"
        case .switcher: "find a room, person, command or setting by a few letters"
        case .selectMessage: "choose a message: reply, edit, remove, copy, open"
        case .firstUnread: "go to the first unread message"
        case .mentionNext: "next mention of you"
        case .mentionPrevious: "previous mention of you"
        case .pageUp: "page up, older messages load by themselves"
        case .pageDown: "page down"
        case .top: "oldest message here"
        case .bottom: "newest message"
        case .search: "search in this room"
        case .reconnect: "reconnect now"
        case .stateLog: "both state machines, live; break and heal the connection"
        case .rooms: "show or hide the rooms"
        case .people: "show or hide the people"
        case .bare: "plain text to copy from, without panes"
        case .presenceNoise: "joins and leaves: folded, of those who talk, all"
        case .mouse: "mouse on or off"
        case .externalEditor: "write the message in $EDITOR"
        case .repaint: "draw the screen anew"
        case .suspend: "suspend"
        case .interrupt: "empty the line; twice on an empty line quits"
        case .endOfInput: "delete the character after"
        case .help: "this help"
        case .escape: "close what is open; back to the newest message"
        case .noop: "nothing"
        }
    }
}
