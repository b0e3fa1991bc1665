/// An option of the command line, as the manual and the completions of shells tell of it.
struct CommandLineOption: Sendable {
    /// `--nick`, and its short form.
    let names: [String]
    /// What follows it; `nil` for a switch.
    var argument: Argument?
    let summary: String

    /// What an option takes.
    enum Argument: Sendable {
        case word(String)
        case file(String)
        case oneOf(String, [String])

        var name: String {
            switch self {
            case .word(let name), .file(let name), .oneOf(let name, _): name
            }
        }
    }

    static var all: [CommandLineOption] {
        [
            .init(names: ["--url", "-u"], argument: .word("SERVER"), summary: "the server: HOST, HOST:PORT or a URL"),
            .init(names: ["--nick", "-n"], argument: .word("NAME"), summary: "your name"),
            .init(names: ["--room", "-r"], argument: .word("ROOM"), summary: "enter a room; may be given again"),
            .init(
                names: ["--token"],
                argument: .word("TOKEN"),
                summary: "connect with a token; better in POND_TOKEN, which ps does not show"
            ),
            .init(names: ["--insecure"], summary: "do not check the certificate of the server"),
            .init(names: ["--plain"], summary: "lines instead of a screen, for pipes and screen readers"),
            .init(names: ["--json"], summary: "lines of JSON instead of a screen"),
            .init(
                names: ["--exec", "-e"],
                argument: .word("LINE"),
                summary: "type a line at the start; may be given again"
            ),
            .init(names: ["--listen"], argument: .file("PATH"), summary: "take commands from pond-tui ctl at a socket"),
            .init(
                names: ["--theme"],
                argument: .oneOf("NAME", Theme.all.map(\.name)),
                summary: "the colours of this run"
            ),
            .init(names: ["--demo"], summary: "a demonstration without a server: losses, countdown, recovery"),
            .init(
                names: ["--speed"],
                argument: .oneOf("N", ["0.5", "1", "2", "4"]),
                summary: "how much faster than usual the demonstration runs"
            ),
            .init(names: ["--local"], summary: "a chat with yourself, to try the keys"),
            .init(names: ["--keys"], summary: "show what the terminal sends for each key"),
            .init(names: ["--man"], summary: "write this manual page, for man -l -"),
            .init(
                names: ["--completion"],
                argument: .oneOf("SHELL", Completions.Shell.allCases.map(\.rawValue)),
                summary: "write the completions of a shell"
            ),
            .init(names: ["--version", "-V"], summary: "the version"),
            .init(names: ["--help", "-h"], summary: "a short help"),
        ]
    }
}
