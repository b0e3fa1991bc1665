/// Where settings and state live, after the XDG rules.
struct StorePaths: Sendable, Hashable {
    var settings: String
    var keys: String
    var state: String
    var logs: String
    var errors: String
    /// Where the states of all users and servers are.
    let folder: String

    /// The paths for one user at one server, so that two never write the same state.
    init(url: String, nick: String) {
        let home = Environment["HOME"] ?? "/"
        let config = Self.absolute("XDG_CONFIG_HOME") ?? home + "/.config"
        let state = Self.absolute("XDG_STATE_HOME") ?? home + "/.local/state"
        let identity = Self.safe(nick) + "@" + Self.safe(Self.host(url))
        self.settings = config + "/pond/tui.conf"
        self.keys = config + "/pond/keys.conf"
        self.folder = state + "/pond"
        self.state = state + "/pond/\(identity).json"
        self.logs = state + "/pond/logs/\(identity)"
        self.errors = state + "/pond/pond-tui.log"
    }

    /// The state of a further run of the same user at the same time.
    func state(ofCopy number: Int) -> String { String(self.state.dropLast(".json".count)) + "~\(number).json" }

    /// What changed since a state was written.
    static func journal(ofState path: String) -> String { String(path.dropLast(".json".count)) + ".journal" }

    /// The last messages of each room, beside a state.
    static func screens(ofState path: String) -> String { String(path.dropLast(".json".count)) + ".screens" }

    /// The log of a room.
    func log(room: String) -> String { "\(self.logs)/\(Self.safe(room)).log" }

    /// The rules say that a relative path is to be ignored.
    private static func absolute(_ name: String) -> String? {
        Environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    private static func host(_ url: String) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        return String(rest.prefix { $0 != "/" && $0 != "?" })
    }

    /// A name without anything a path could misunderstand.
    private static func safe(_ name: String) -> String {
        let letters = name.map {
            $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." || $0 == ":" ? $0 : "_"
        }
        let text = String(letters.prefix(100))
        return text.hasPrefix(".") ? "_" + text : text
    }
}
