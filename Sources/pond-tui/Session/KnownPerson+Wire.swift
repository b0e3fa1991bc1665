internal import PondChat

extension KnownPerson {
    /// Somebody as the server knows them.
    init(_ person: WhoIs) {
        self.init(
            name: person.name.text,
            role: person.role == .user ? nil : person.role.rawValue,
            isClaimed: person.claimed,
            devices: max(0, person.devices),
            rooms: person.rooms.map(\.text),
            lastSeen: person.lastSeen.map { WallTime(milliseconds: $0.milliseconds) }
        )
    }
}
