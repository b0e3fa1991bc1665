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
