/// What a moderator wants done in a room.
struct ModerationOrder: Hashable, Sendable {
    var action: Action
    /// Whom it concerns; nobody for slow mode.
    var nick: String?
    /// How long, or the interval of slow mode.
    var seconds: Int?
    var reason: String?
    /// The role to give.
    var role: String?
    /// In every room.
    var isEverywhere = false

    /// The orders, under the names the server gives them.
    enum Action: String, Hashable, Sendable {
        case kick
        case ban
        case unban
        case mute
        case unmute
        case slow
        case role
    }
}
