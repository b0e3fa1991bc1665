/// Commands about people: keeping order, asking who somebody is, proving a name.
extension Update {
    /// `/kick`, `/ban` and the like: `[-g] nick [10m] [why]`.
    mutating func moderate(_ action: ModerationOrder.Action, _ argument: String) {
        guard let room = self.model.current, !room.isDirect else {
            self.model.hint = "that is for rooms; go to one first"
            return
        }
        var words = argument.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        var order = ModerationOrder(action: action)
        if words.first == "-g" {
            order.isEverywhere = true
            words.removeFirst()
        }
        guard let nick = words.first else {
            self.model.hint = "whom? /\(action.rawValue) nick"
            return
        }
        order.nick = nick.hasPrefix("@") ? String(nick.dropFirst()) : nick
        words.removeFirst()
        if action == .ban || action == .mute, let word = words.first, let seconds = TimeSpan.seconds(word) {
            order.seconds = seconds
            words.removeFirst()
        }
        if !words.isEmpty { order.reason = words.joined(separator: " ") }
        self.request(.moderate(room: room.name, order))
    }

    /// `/mute` for a room counts its messages no more; for a person it is a moderator's order.
    mutating func mute(_ argument: String) {
        if argument.isEmpty || argument.hasPrefix("#") || Int(argument) != nil {
            guard let index = self.roomIndex(argument) else {
                self.model.hint = "no room \(TextSanitiser.plain(argument))"
                return
            }
            self.model.rooms[index].isMuted.toggle()
            let room = self.model.rooms[index]
            self.model.hint =
                "\(room.title) is \(room.isMuted ? "muted: its messages are not counted" : "counted again")"
            self.effects.append(.save)
        } else {
            self.moderate(.mute, argument)
        }
    }

    /// `/slow 10`, `/slow off`
    mutating func slow(_ argument: String) {
        guard let room = self.model.current, !room.isDirect,
            let seconds = argument == "off" ? 0 : Int(argument) ?? TimeSpan.seconds(argument)
        else {
            self.model.hint = "usage: /slow SECONDS, or /slow off"
            return
        }
        self.request(.moderate(room: room.name, ModerationOrder(action: .slow, seconds: seconds)))
    }

    /// `/role nick moderator`
    mutating func role(_ nick: String, _ role: String) {
        guard let room = self.model.current, !room.isDirect, ["user", "moderator", "admin"].contains(role) else {
            self.model.hint = "usage: /role nick user|moderator|admin, in a room"
            return
        }
        self.request(.moderate(room: room.name, ModerationOrder(action: .role, nick: nick, role: role)))
    }

    /// Asks the server who somebody is; without it, what is seen from here has to do.
    mutating func whois(_ nick: String) {
        let bare = nick.hasPrefix("@") ? String(nick.dropFirst()) : nick
        if self.model.connection.state == .connected {
            self.request(.whois(bare))
        } else {
            let lines = self.presences(of: bare)
            self.show("WHOIS \(TextSanitiser.plain(bare))", lines.isEmpty ? ["not in any of your rooms"] : lines)
        }
    }

    /// The server's answer.
    mutating func show(_ person: KnownPerson) {
        var lines: [String] = []
        let role = person.role.map { "\($0), " } ?? ""
        lines.append("\(role)the name is \(person.isClaimed ? "claimed with a password" : "not claimed")")
        if person.devices > 0 {
            lines.append("here with \(Counted.words(person.devices, "device"))")
        } else if let seen = person.lastSeen {
            let civil = self.model.civil(seen)
            lines.append("not here; last seen \(civil.longDay) \(civil.clock)")
        } else {
            lines.append("not here")
        }
        if !person.rooms.isEmpty { lines.append("in " + person.rooms.map { "#" + $0 }.joined(separator: " ")) }
        lines += self.presences(of: person.name)
        self.show("WHOIS \(TextSanitiser.plain(person.name))", lines)
    }

    private func presences(of nick: String) -> [String] {
        self.model.rooms.compactMap { room in
            guard let person = room.people.first(where: { $0.name.lowercased() == nick.lowercased() }) else {
                return nil
            }
            var words = "\(room.title): \(person.status.rawValue)"
            if !person.note.isEmpty { words += " (\(person.note))" }
            if let role = person.role { words += ", \(role)" }
            if let since = person.since { words += ", since \(self.model.civil(since).clock)" }
            return words + (room.isStale ? " (not live)" : "")
        }
    }

    /// A password goes to the server and nowhere else.
    mutating func prove(_ request: SessionRequest) {
        guard self.model.connection.state == .connected else {
            self.model.hint = "not connected: try again when the connection is back"
            return
        }
        self.request(request)
    }

    /// Gives the name a password; one that has a password gets another one with `PRESENT NEW`.
    mutating func claim(_ argument: String) {
        guard self.model.identity?.isClaimed == true else {
            return self.prove(.claim(password: argument, present: nil))
        }
        guard let (present, new) = Self.passwords(in: argument) else {
            self.model.hint = "to change the password: /claim PRESENT NEW, with quotes around one that holds spaces"
            return
        }
        self.prove(.claim(password: new, present: present))
    }

    /// The two passwords of a line: the first one ends at a space, or where its quotes end.
    private static func passwords(in line: String) -> (present: String, new: String)? {
        let isQuoted = line.hasPrefix("\"")
        let rest = isQuoted ? line.dropFirst() : line[...]
        guard let end = rest.firstIndex(of: isQuoted ? "\"" : " ") else { return nil }
        var new = rest[rest.index(after: end)...].drop { $0 == " " }
        if new.count > 1, new.hasPrefix("\""), new.hasSuffix("\"") { new = new.dropFirst().dropLast() }
        return end == rest.startIndex || new.isEmpty ? nil : (String(rest[..<end]), String(new))
    }

    /// Who the server takes the user for.
    mutating func identified(_ identity: SessionEvent.Identity) {
        let before = self.model.identity
        if let name = identity.name { self.model.nick = name }
        self.model.identity = identity
        if identity.needsPassword {
            self.model.hint =
                "the name \(TextSanitiser.plain(self.model.nick)) has a password: /identify PASSWORD, or /nick OTHER"
        } else if identity.isClaimed, before.map({ !$0.isClaimed || $0.needsPassword }) == true {
            self.model.hint = "\(TextSanitiser.plain(self.model.nick)) is yours"
        }
        self.effects.append(.save)
    }
}
