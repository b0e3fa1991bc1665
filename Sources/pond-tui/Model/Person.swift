/// Someone in a room, as last heard.
struct Person: Hashable, Sendable {
    var name: String
    var status: Status = .available
    /// Why they are away, or what they do.
    var note = ""
    /// Since when the status holds.
    var since: WallTime?
    /// `admin` and the like.
    var role: String?

    /// Whether someone can be expected to answer.
    enum Status: String, Hashable, Sendable {
        case available
        case away
        case busy
    }
}

/// What the server knows of somebody.
struct KnownPerson: Hashable, Sendable {
    var name: String
    var role: String?
    /// Whether the name has a password.
    var isClaimed: Bool
    var devices: Int
    /// The rooms they are in, without `#`.
    var rooms: [String]
    var lastSeen: WallTime?
}
