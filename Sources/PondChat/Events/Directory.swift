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

/// Every room there is, by name; sent to who joins the directory.
public struct RoomList: ChatPayload {
    public static let event = "rooms"

    public var rooms: [RoomInfo]

    public init(rooms: [RoomInfo]) { self.rooms = rooms }
}

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

/// Asks about a user.
public struct WhoIsRequest: ChatPayload {
    public static let event = "whois"

    public var user: UserName

    public init(user: UserName) { self.user = user }
}

/// What is known about a user.
public struct WhoIs: ChatPayload {
    public static let event = "whois"

    public var name: UserName
    public var role: ChatRole
    /// Whether the name has a password.
    public var claimed: Bool
    /// The connections the user has now.
    public var devices: Int
    /// The rooms the user is in, without conversations.
    public var rooms: [RoomName]
    /// When the user was last seen, if that is known and not now.
    public var lastSeen: ChatTime?

    public init(
        name: UserName,
        role: ChatRole,
        claimed: Bool,
        devices: Int,
        rooms: [RoomName],
        lastSeen: ChatTime? = nil
    ) {
        self.name = name
        self.role = role
        self.claimed = claimed
        self.devices = devices
        self.rooms = rooms
        self.lastSeen = lastSeen
    }
}

/// Somebody wrote to a user who may not be in that conversation yet; sent on the directory, to that user alone.
public struct DirectNotice: ChatPayload {
    public static let event = "direct"

    /// The other one of the conversation.
    public var with: UserName
    /// Messages not read yet.
    public var unread: Int
    /// The latest message.
    public var last: ChatMessage?

    public init(with: UserName, unread: Int, last: ChatMessage? = nil) {
        self.with = with
        self.unread = unread
        self.last = last
    }
}

/// Told in the directory by a server that is one of several: whether it can reach the others. While it cannot, its
/// users are among themselves, and what they say reaches the others later.
public struct ServersReachable: ChatPayload {
    public static let event = "servers"

    public var reachable: Bool
    /// What to show to people.
    public var text: String

    public init(_ reachable: Bool) {
        self.reachable = reachable
        self.text =
            reachable
            ? "the other servers can be reached again"
            : "the other servers cannot be reached: what you say is kept, and gets there later"
    }
}
