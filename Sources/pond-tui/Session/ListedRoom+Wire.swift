internal import PondChat

extension ListedRoom {
    /// A room as the server lists it.
    init(_ room: RoomInfo) { self.init(name: room.room.text, topic: room.topic, members: max(0, room.members)) }
}
