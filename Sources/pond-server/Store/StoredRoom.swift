import PondChat

/// What is remembered of a room.
struct StoredRoom: Sendable, Hashable {
    var room: RoomName
    var topic: String
    /// The seconds of slow mode, 0 when it is off.
    var slowSeconds: Int
    /// Whether it stays when the last one leaves.
    var permanent: Bool
}
