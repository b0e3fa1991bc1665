/// The screen without a server: where to go, and under which name.
struct StartScreen: Hashable, Sendable {
    /// Servers used before, the last one first.
    let recent: [RecentServer]
    /// The place of the choice among `choices`.
    var selected = 0
    /// The address being typed.
    var address = ""
    /// The name being typed; `nil` while a server is chosen.
    var name: String?
    /// The name to offer for a server that was not used before.
    let ownName: String
    /// Whether the server is known already, and only the name is asked.
    let isNameOnly: Bool

    /// A server and the name used there last.
    struct RecentServer: Hashable, Sendable {
        var url: String
        var nick: String
        var time: WallTime
    }

    /// What there is to choose.
    enum Choice: Hashable, Sendable {
        case recent(RecentServer)
        case address
        /// A server in a process of its own on this machine.
        case host
        case demo
    }

    var choices: [Choice] { self.recent.map(Choice.recent) + [.address, .host, .demo] }

    var choice: Choice { self.choices[max(0, min(self.selected, self.choices.count - 1))] }

    /// With an `address` only the name is asked.
    init(recent: [RecentServer], ownName: String, address: String? = nil) {
        self.recent = address == nil ? recent : []
        self.ownName = ownName
        self.isNameOnly = address != nil
        guard let address else { return }
        self.address = address
        self.name = ownName
    }

    mutating func move(by step: Int) {
        let count = self.choices.count
        self.selected = (self.selected + step + count) % count
    }

    /// What keeps a text from being a name; `nil` when nothing does.
    static func fault(inName name: String) -> String? {
        if name.isEmpty { return "a name, please" }
        if name.lowercased() == "root" { return "no server lets anybody be root" }
        return Room.name(typed: "@" + name) == nil ? "a name has letters, digits, - _ . and at most 32 of them" : nil
    }
}

/// What the start screen came to: what the program is to do next.
enum StartDecision: Hashable, Sendable {
    case connect(url: String, nick: String)
    case host(nick: String)
    case demo
    case quit
}
