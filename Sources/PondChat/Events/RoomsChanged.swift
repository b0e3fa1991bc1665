/// What became different in the directory since the last list or change.
public struct RoomsChanged: ChatPayload {
    public static let event = "rooms-changed"

    /// New rooms, and rooms whose topic or number of members is another.
    public var rooms: [RoomInfo]
    /// Rooms that are no more.
    public var gone: [RoomName]

    public init(rooms: [RoomInfo] = [], gone: [RoomName] = []) {
        self.rooms = rooms
        self.gone = gone
    }
}
