/// Something that can be found by a few letters: a room, a person, a command, a setting.
enum PaletteEntry: Hashable, Sendable {
    case room(String)
    case person(String)
    case command(Command)
    case setting(String)
    /// A room that neither the user is in nor the server lists.
    case newRoom(String)
}

extension Model {
    /// What a few letters find: rooms, then people, then commands and settings. `#`, `@` and `/` ask for one kind.
    func palette(_ query: String) -> [PaletteEntry] {
        if query.hasPrefix("/") { return self.paletteCommands(String(query.dropFirst())) }
        if query.hasPrefix("@") {
            return self.palettePeople(String(query.dropFirst()))
        }
        let rooms = self.switcherRooms(query).map(PaletteEntry.room)
        guard !query.isEmpty else { return rooms }
        var entries = rooms
        if !query.hasPrefix("#") {
            entries += self.palettePeople(query)
            if query.count >= 2 { entries += self.paletteCommands(query) + Self.paletteSettings(query) }
        }
        if let name = Room.name(typed: query), !name.hasPrefix("@"), !rooms.contains(.room(name)) {
            entries.append(.newRoom(name))
        }
        return entries
    }

    private func palettePeople(_ query: String) -> [PaletteEntry] {
        var names: [String: Int] = [:]
        let wanted = query.lowercased()
        for room in self.rooms {
            for person in room.people where person.name != self.nick && names[person.name] == nil {
                let name = person.name.lowercased()
                guard wanted.isEmpty || name.contains(wanted) else { continue }
                names[person.name] = name.hasPrefix(wanted) ? 0 : 1
            }
        }
        return names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(20).map { .person($0.key) }
    }

    private func paletteCommands(_ query: String) -> [PaletteEntry] {
        let wanted = query.lowercased()
        let named = Command.allCases.filter { $0.rawValue.hasPrefix(wanted) }
        let told = Command.allCases.filter { command in
            !named.contains(command) && wanted.count >= 3 && command.usage.summary.lowercased().contains(wanted)
        }
        return (named + told).map(PaletteEntry.command)
    }

    private static func paletteSettings(_ query: String) -> [PaletteEntry] {
        Settings().values.map(\.name).filter { $0.hasPrefix(query.lowercased()) }.map(PaletteEntry.setting)
    }
}
