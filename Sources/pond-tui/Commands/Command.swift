/// A command of the input line.
enum Command: String, CaseIterable, Sendable {
    case join, leave, rejoin, rooms, who, topic
    case msg, me, reply, edit, remove, nick, identify, claim, away, back, whois
    case kick, ban, unban, unmute, slow, role
    case connect, disconnect, reconnect, ping, state, fault
    case queue, retry, drop
    case `switch`, close, move, mute, pin, highlight, ignore, filter
    case search, last, unread, mark, clear, bare
    case open, links, copy, paste, editor, exec
    case theme, set, keys, reload, log, save, export
    case help, debug, quit

    /// What IRC clients call some of them.
    static let aliases: [String: Command] = [
        "part": .leave, "list": .rooms, "names": .who, "query": .msg, "win": .switch, "window": .switch,
        "buffer": .switch,
        "lastlog": .search, "grep": .search, "server": .connect, "exit": .quit, "bye": .quit, "h": .help,
        "j": .join, "wc": .close, "n": .who, "t": .topic, "k": .kick, "w": .whois, "wi": .whois,
        "hilight": .highlight, "bind": .keys, "key": .keys, "afk": .away, "lag": .ping, "describe": .me,
    ]

    /// The longest message the input line sends.
    static let messageCharacters = 2_000
    /// Its most lines and bytes, as the server counts them.
    static let messageLines = 100
    static let messageBytes = 16 * 1024

    /// What follows the command, and what it does.
    var usage: (arguments: String, summary: String) {
        switch self {
        case .join: ("#room [text]", "enter a room, and say something there")
        case .leave: ("[#room]", "leave a room; it stays in the list")
        case .rejoin: ("[#room]", "ask again after STALLED, CLOSED or DECLINED")
        case .rooms: ("[text]", "your rooms, and all rooms of the server")
        case .who: ("[#room]", "who is here")
        case .topic: ("[text]", "show or change the topic")
        case .msg: ("nick [text]", "a conversation with somebody")
        case .me: ("text", "say what you do")
        case .reply: ("nick|N|#N text", "answer somebody's last message, the Nth last, or #N of the queue")
        case .edit: ("[text|N|#N]", "replace your last message; bring it, the Nth last or #N into the input line")
        case .remove: ("[nick|N|#N] [why]", "take a message away: your last, somebody's, the Nth last, #N")
        case .nick: ("name", "change your name")
        case .identify: ("password", "prove that your name is yours")
        case .claim: ("[present] password", "give your name a password, so that it stays yours")
        case .away: ("[why]", "say that you are away")
        case .back: ("", "say that you are back")
        case .whois: ("nick", "what is known of somebody")
        case .kick: ("nick [why]", "put somebody out of this room")
        case .ban: ("[-g] nick [10m|2h|7d] [why]", "keep somebody out; -g of every room")
        case .unban: ("[-g] nick", "let somebody in again")
        case .unmute: ("[-g] nick", "let somebody write again")
        case .slow: ("seconds|off", "let everybody write only so often here")
        case .role: ("nick role", "make somebody user, moderator or admin")
        case .connect: ("[url]", "connect, or connect elsewhere")
        case .disconnect: ("", "end the connection and stay offline")
        case .reconnect: ("", "connect now, without waiting")
        case .ping: ("", "measure the round trip")
        case .state: ("[-v]", "both state machines as text")
        case .fault: ("cut|freeze|heal", "break your own connection on purpose, and mend it; F6 shows what happens")
        case .queue: ("", "what is not confirmed yet, with the numbers that the messages show")
        case .retry: ("N|all", "send a failed or held message again")
        case .drop: ("N|all", "give up a message that is not confirmed")
        case .switch: ("[#room|N]", "go to a room")
        case .close: ("[#room]", "leave a room and take it from the list")
        case .move: ("N", "give this room another number")
        case .mute: ("[#room] | nick [10m] [why]", "do not count a room's messages; let somebody only read")
        case .pin: ("[#room]", "keep this room at the top; again to undo")
        case .highlight: ("[word]", "count a word as a mention; again to undo")
        case .ignore: ("[nick]", "do not show somebody's messages; again to undo")
        case .filter: ("[on|smart|off]", "fold joins and leaves, show those who talk, or all")
        case .search: ("text", "find in this room; -s asks the server")
        case .last: ("N", "the last N messages as text")
        case .unread: ("", "go to the first unread message")
        case .mark: ("", "set the read marker here")
        case .clear: ("", "empty the screen of this room")
        case .bare: ("", "plain text to copy from")
        case .open: ("[N]", "open a link by its number")
        case .links: ("[text]", "the links of this room, the newest first")
        case .copy: ("[N]", "copy the last message, or link N, to the clipboard")
        case .paste: ("", "answer a paste question")
        case .editor: ("", "write the message in $EDITOR")
        case .exec: ("command", "put a program's output into the input line (/set exec on)")
        case .theme: ("[name | role look]", "change the colours: of all, or of one piece")
        case .set: ("[name value]", "show or change settings")
        case .keys: ("[key action]", "show keys, or bind one")
        case .reload: ("", "read the settings and keys anew")
        case .log: ("on|off", "write what is said to files")
        case .save: ("", "save settings and state now")
        case .export: ("file", "write this room to a file")
        case .help: ("[text]", "keys and commands")
        case .debug: ("", "numbers about this program")
        case .quit: ("[why]", "leave")
        }
    }

    /// Whether nothing can be done without an argument.
    var needsArgument: Bool {
        switch self {
        case .join, .msg, .me, .reply, .nick, .whois, .retry, .drop, .move, .search, .fault, .exec, .export, .identify,
            .claim, .kick, .ban, .unban, .unmute, .slow, .role:
            true
        default: false
        }
    }
}
