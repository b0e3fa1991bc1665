internal import PondChat

extension KnownPerson {
    /// Somebody as the server knows them.
    init(_ person: WhoIs) {
        self.init(
            name: person.name.text,
            role: person.role == .user ? nil : person.role.rawValue,
            isClaimed: person.claimed,
            devices: PeerNumber.count(person.devices),
            rooms: person.rooms.prefix(500).map(\.text),
            lastSeen: person.lastSeen.map { WallTime(milliseconds: $0.milliseconds) }
        )
    }
}
