import PondChat
import PondKit

/// What a node says of its rooms: those that somebody is in, and who.
struct SharedRooms: ChatPayload {
    static let event = "rooms"

    struct Room: Codable, Sendable, Hashable {
        var room: RoomName
        var topic: String
        var slowSeconds: Int
        var permanent: Bool
        /// The keys of the users' names.
        var members: [String]
    }

    var node: String
    var rooms: [Room]
}
