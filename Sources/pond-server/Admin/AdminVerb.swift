/// The commands of `pond-server admin`.
enum AdminVerb: String, Sendable, CaseIterable {
    case stats
    case users
    case rooms
    case connections
    case bans
    case ban
    case unban
    case banAddress = "ban-address"
    case unbanAddress = "unban-address"
    case kick
    case role
    case topic
    case forget
    case release
    case erase
    case revoke
    case token
    case announce
    case export
    case backup
    case check
    case doctor
    case trustClock = "trust-clock"

    /// How it is called, and what it does.
    var usage: (arguments: String, help: String) {
        switch self {
        case .stats: ("", "figures of the running server")
        case .users: ("", "the users whose names are claimed, with their roles")
        case .rooms: ("", "the rooms, who is in them, and their topics")
        case .connections: ("", "who is connected, from where")
        case .bans: ("", "the bans and mutes that hold")
        case .ban: ("NAME [ROOM] [--seconds N] [--reason TEXT]", "keep a user out of a room, or of the server")
        case .unban: ("NAME [ROOM]", "end a ban")
        case .banAddress:
            ("ADDRESS [--seconds N] [--reason TEXT]", "keep an address, or a network such as 10.0.0.0/8, out")
        case .unbanAddress: ("ADDRESS", "end such a ban")
        case .kick: ("NAME [--reason TEXT]", "close a user's connections")
        case .role: ("NAME user|moderator|admin", "give a user a role")
        case .topic: ("ROOM TEXT", "set a room's topic")
        case .forget: ("ROOM", "remove a room and all that was said in it")
        case .release: ("NAME", "take the password off a name, so that it is free")
        case .erase: ("NAME", "delete all that a user said, and the account, here and on the other servers")
        case .revoke: ("NAME | --token ID", "void the tokens of a user, or one token, and close their connections")
        case .token: ("NAME [--seconds N] [--role ROLE]", "make a token")
        case .announce: ("TEXT", "tell every room something")
        case .export: ("[ROOM]", "print the messages as JSON lines")
        case .backup: ("FILE", "write a copy of the running server's database")
        case .check: ("", "check the database")
        case .doctor: ("", "what is wrong or weak: files, certificate, disk, limits, clock, Redis")
        case .trustClock: ("", "delete old messages again, after the clock jumped and is right")
        }
    }

    static var help: String {
        let lines = Self.allCases.map { verb in
            let call = "  \(verb.rawValue) \(verb.usage.arguments)"
            let gap =
                call.count < 46
                ? String(repeating: " ", count: 46 - call.count) : "\n" + String(repeating: " ", count: 46)
            return call + gap + verb.usage.help
        }
        return """
            Usage: pond-server admin COMMAND [--data FOLDER]

            Speaks with the server that runs on the data folder, over a socket in it.

            \(lines.joined(separator: "\n"))
            """
    }
}
