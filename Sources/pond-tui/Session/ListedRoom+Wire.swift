internal import PondChat

extension ListedRoom {
    /// A room as the server lists it.
    init(_ room: RoomInfo) {
        self.init(
            name: room.room.text,
            topic: TextSanitiser.clipped(room.topic, to: 500),
            members: PeerNumber.count(room.members)
        )
    }
}
