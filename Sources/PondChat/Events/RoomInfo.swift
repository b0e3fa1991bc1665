/// A room in the directory.
public struct RoomInfo: Codable, Sendable, Hashable {
    public var room: RoomName
    public var topic: String
    /// The users in it; several devices of one count once.
    public var members: Int
    /// Whether it stays when the last one leaves.
    public var permanent: Bool

    public init(room: RoomName, topic: String = "", members: Int = 0, permanent: Bool = false) {
        self.room = room
        self.topic = topic
        self.members = members
        self.permanent = permanent
    }
}
