/// What the command line asks for.
struct CommandLineOptions: Hashable, Sendable {
    var url = "ws://127.0.0.1:4000/socket"
    /// Whether the command line names a server.
    var hasServer = false
    var nick: String?
    var rooms: [String] = []
    var token: String?
    var mode = Mode.automatic
    var commands: [String] = []
    var listenPath: String?
    var theme: String?
    /// No server: a chat with oneself.
    var isLocal = false
    var verifiesCertificates = true
    var task = Task.chat
    /// How much faster than usual a demonstration runs.
    var demoSpeed = 1.0

    /// How the chat is shown.
    enum Mode: Hashable, Sendable {
        /// The screen on a terminal, else lines.
        case automatic
        case plain
        case json
    }

    /// What the program is to do.
    enum Task: Hashable, Sendable {
        case chat
        case demo
        case showKeys
        case help
        case version
        case manual
        case completion(Completions.Shell)
        /// Give a command to a running program.
        case control(path: String, line: String)
    }

    /// A command line that makes no sense, in words.
    struct Fault: Error, Hashable {
        var message: String
    }

    init() {}

    /// Reads the arguments after the program's name.
    init(_ arguments: [String]) throws(Fault) {
        self.init()
        var rest = arguments[...]
        if rest.first == "ctl" {
            guard rest.count >= 3 else { throw Fault(message: "usage: pond-tui ctl PATH COMMAND") }
            self.task = .control(path: arguments[1], line: arguments[2...].joined(separator: " "))
            return
        }
        while let argument = rest.popFirst() {
            // --name=value is --name value
            var name = argument
            if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                name = String(argument[..<equals])
                rest = [String(argument[argument.index(after: equals)...])] + rest
            }
            func value() throws(Fault) -> String {
                guard let value = rest.popFirst() else { throw Fault(message: "\(name) needs a value") }
                return value
            }
            switch name {
            case "--url", "-u":
                self.url = try Self.server(try value())
                self.hasServer = true
            case "--nick", "-n": self.nick = try value()
            case "--room", "-r": self.rooms += try value().split(separator: ",").map(String.init)
            case "--token": self.token = try value()
            case "--plain": self.mode = .plain
            case "--json": self.mode = .json
            case "--exec", "-e": self.commands.append(try value())
            case "--listen": self.listenPath = try value()
            case "--theme": self.theme = try value()
            case "--local": self.isLocal = true
            case "--insecure": self.verifiesCertificates = false
            case "--demo": self.task = .demo
            case "--speed":
                guard let speed = Double(try value()), (0.1...100).contains(speed) else {
                    throw Fault(message: "--speed is a number from 0.1 to 100")
                }
                self.demoSpeed = speed
            case "--keys": self.task = .showKeys
            case "--man": self.task = .manual
            case "--completion":
                let shells = Completions.Shell.allCases.map(\.rawValue).joined(separator: ", ")
                guard let shell = Completions.Shell(rawValue: try value()) else {
                    throw Fault(message: "--completion is one of \(shells)")
                }
                self.task = .completion(shell)
            case "--help", "-h": self.task = .help
            case "--version", "-V": self.task = .version
            case _ where !argument.hasPrefix("-"):
                self.url = try Self.server(argument)
                self.hasServer = true
            default: throw Fault(message: "unknown argument \(argument); --help lists them")
            }
        }
    }

    private static func server(_ text: String) throws(Fault) -> String {
        guard let url = ServerAddress.url(text) else {
            throw Fault(message: "\(text) is no server; write HOST, HOST:PORT or wss://HOST/PATH")
        }
        return url
    }

    static let help = """
        pond-tui: chat on a pond-server.

        usage: pond-tui [SERVER] [--nick NAME] [--room ROOM]...
               pond-tui ctl PATH COMMAND

          SERVER             HOST, HOST:PORT or a URL (ws, wss, http, https); when absent a screen asks,
                             in a pipe it is 127.0.0.1:4000
          --url SERVER       the same
          --nick, -n NAME    your name; your user's name when absent, for root a screen asks
          --room, -r ROOM    enter a room; may be given again
          --token TOKEN      connect with a token; better in POND_TOKEN, which ps does not show
          --insecure         do not check the server's certificate
          --plain            lines instead of a screen: for pipes and screen readers; automatic without a terminal
          --json             the same, an object per line
          --exec, -e LINE    type a line at the start; may be given again
          --listen PATH      take commands from pond-tui ctl at a socket
          --theme NAME       standard, light or mono, for this run; NO_COLOR=1 does without colours too
          --demo             look at everything without a server: losses, countdown, recovery
          --speed N          how much faster than usual the demonstration runs
          --local            a chat with yourself, to try the keys
          --keys             show what the terminal sends for each key
          --man              write the manual page: pond-tui --man | man -l -
          --completion SHELL write the completions for bash, zsh or fish: source <(pond-tui --completion bash)
          --version, --help

        Settings: $XDG_CONFIG_HOME/pond/tui.conf and keys.conf. State and logs: $XDG_STATE_HOME/pond.
        In a pipe each line is said in the first room (#lobby without --room), and the program ends when all of it is
        delivered. What is not delivered is written to standard error, and is not sent later.
        Exit codes: 0 all is delivered, 64 wrong usage or a line that is no command, 69 server not reached,
        75 not everything was delivered, 77 the server or the room did not let you in.

        """
}
