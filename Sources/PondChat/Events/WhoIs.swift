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
