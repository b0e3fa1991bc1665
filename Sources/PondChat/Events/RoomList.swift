/// Every room there is, by name; sent to who joins the directory.
public struct RoomList: ChatPayload {
    public static let event = "rooms"

    public var rooms: [RoomInfo]

    public init(rooms: [RoomInfo]) { self.rooms = rooms }
}
