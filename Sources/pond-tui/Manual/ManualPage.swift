/// The manual page in the language of `man`.
enum ManualPage {
    static func text(version: String) -> String {
        ([".TH POND\\-TUI 1 \"\" \"Pond \(Self.escaped(version))\""] + Self.head + Self.options + Self.running
            + Self.keys + Self.commands + Self.settings + Self.tail).joined(separator: "\n") + "\n"
    }

    private static var head: [String] {
        [
            ".SH NAME", "pond\\-tui \\- chat on a PondSocket server, in a terminal", ".SH SYNOPSIS",
            ".B pond\\-tui\n[\\fISERVER\\fR] [\\fIOPTION\\fR]...", ".br",
            ".B pond\\-tui ctl\n\\fIPATH\\fR \\fICOMMAND\\fR", ".SH DESCRIPTION",
            Self.escaped(
                """
                Shows rooms, people and messages, and both state machines of the connection. What is written while the \
                server is away is kept, on disk too, and sent once when it is back.
                """
            ),
            ".PP",
            Self.escaped(
                """
                SERVER is HOST, HOST:PORT, or a URL with ws, wss, http or https; the port is 4000 and the path /socket \
                where nothing else is said. Without a server a screen shows those used before, hosts one on this \
                machine, or starts a demonstration. Without a name it asks for one.
                """
            ),
            ".PP",
            Self.escaped(
                """
                Where standard input or output is no terminal, lines are read and written instead of a screen: see \
                SCRIPTS.
                """
            ),
        ]
    }

    private static var options: [String] {
        [".SH OPTIONS"]
            + CommandLineOption.all.flatMap { option -> [String] in
                let names = option.names.map { "\\fB\(Self.escaped($0))\\fR" }.joined(separator: ", ")
                let argument = option.argument.map { " \\fI\(Self.escaped($0.name))\\fR" } ?? ""
                var text = Self.escaped(option.summary)
                if case .oneOf(_, let values) = option.argument {
                    text += ": " + Self.escaped(values.joined(separator: ", "))
                }
                return [".TP", names + argument, text]
            }
    }

    private static var running: [String] {
        [
            ".SH SCRIPTS",
            Self.escaped(
                """
                Each line of the input is said in the first room, or is a command; /join comes first. The output has a \
                line per message: time, room, name and text, divided by tabs, without any escape sequence. Lines that \
                begin with STATE tell of the machines. The program ends when all of the input is delivered; what is \
                not delivered is written to standard error and is not sent later. /quit does the same at once.
                """
            ),
            ".PP",
            Self.escaped(
                "With --listen PATH, pond-tui ctl PATH COMMAND does a command in the running program and writes its answer."
            ),
            ".SH EXIT STATUS", ".TP", ".B 0", "all is delivered", ".TP", ".B 64",
            "wrong usage, or a line that is no command", ".TP", ".B 69", "the server was not reached", ".TP",
            ".B 75", "not everything was delivered", ".TP", ".B 77",
            "the server or the room did not let the user in",
        ]
    }

    private static var keys: [String] {
        [
            ".SH KEYS",
            Self.escaped(
                "C-x is Ctrl and x, M-x is Alt and x or Esc and then x. keys.conf changes them; noop unbinds."
            ),
        ]
            + Action.allCases.flatMap { action -> [String] in
                let names = KeyMap.standard.keys(for: action).map { Self.escaped($0) }
                guard !names.isEmpty else { return [] }
                return [
                    ".TP", names.map { "\\fB\($0)\\fR" }.joined(separator: ", "),
                    Self.escaped(action.summary) + " (\\fI\(Self.escaped(action.rawValue))\\fR)",
                ]
            }
    }

    private static var commands: [String] {
        [".SH COMMANDS", Self.escaped("Any beginning that fits only one command will do; //text sends /text.")]
            + Command.allCases.flatMap { command -> [String] in
                let usage = command.usage
                let arguments = usage.arguments.isEmpty ? "" : " \\fI\(Self.escaped(usage.arguments))\\fR"
                return [".TP", "\\fB/\(Self.escaped(command.rawValue))\\fR\(arguments)", Self.escaped(usage.summary)]
            }
    }

    private static var settings: [String] {
        [".SH SETTINGS", Self.escaped("/set NAME VALUE changes them, and tui.conf has them as NAME = VALUE.")]
            + Settings().values.flatMap { setting -> [String] in
                [
                    ".TP", "\\fB\(Self.escaped(setting.name))\\fR (\(Self.escaped(setting.value)))",
                    Self.escaped(Settings.summary(setting.name)),
                ]
            }
    }

    private static var tail: [String] {
        [
            ".SH FILES", ".TP", ".I $XDG_CONFIG_HOME/pond/tui.conf, keys.conf",
            Self.escaped("settings and keys; ~/.config where the variable is not set"), ".TP",
            ".I $XDG_STATE_HOME/pond",
            Self.escaped(
                """
                rooms, drafts, unsent messages, the last messages of each room (/set screens off keeps none) and logs, \
                readable by their owner only; ~/.local/state where the variable is not set
                """
            ),
            ".SH ENVIRONMENT", ".TP", ".B POND_TOKEN", "a token to connect with", ".TP", ".B NO_COLOR",
            "no colours, when it is not empty", ".TP", ".B ESCDELAY",
            "milliseconds in which what follows an Escape belongs to it", ".TP", ".B EDITOR",
            "writes a message with C\\-x C\\-e", ".SH EXAMPLES", ".nf", "pond\\-tui",
            "pond\\-tui chat.example \\-\\-nick alice \\-\\-room lobby",
            "make 2>&1 | tail \\-1 | pond\\-tui \\-\\-plain chat.example \\-\\-room builds", ".fi",
            ".SH SEE ALSO", ".BR pond\\-server (1)",
        ]
    }

    /// A text that nothing in it can turn into a request.
    private static func escaped(_ text: String) -> String {
        let plain = text.map { character -> String in
            switch character {
            case "\\": "\\e"
            case "-": "\\-"
            default: String(character)
            }
        }.joined()
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
