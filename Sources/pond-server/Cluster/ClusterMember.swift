import PondChat
import PondKit

/// The chat of this server, as the cluster uses it.
protocol ClusterMember: AnyObject, Sendable {
    /// The time of the calendar.
    var now: ChatTime { get }

    /// The users who are connected to this server.
    var usersHere: [SharedUsers.Presence] { get }

    /// The rooms that have members on this server.
    var roomsHere: [SharedRooms.Room] { get }

    /// Takes a change into memory that the tables have taken.
    func take(_ change: SharedChange)

    /// Takes a change of another server into memory, and closes the connections that it concerns.
    func apply(_ change: SharedChange)

    /// Another server lists its rooms.
    func heard(_ rooms: SharedRooms)

    /// Removes the rooms of servers that no longer list theirs.
    func forgetSilentServers()

    /// Redis stopped answering, or answers again.
    func tellWhetherAlone(_ isAlone: Bool)
}

/// The rooms of one server that have members, as it tells the others.
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
