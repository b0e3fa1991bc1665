/// What somebody may do; each role may do what the ones below it may.
public enum ChatRole: String, Codable, Sendable, Hashable, CaseIterable, Comparable {
    /// Talks.
    case user
    /// Keeps order: removes messages, mutes, kicks, bans, sets topics and slow mode.
    case moderator
    /// Makes moderators.
    case admin

    public static func < (left: ChatRole, right: ChatRole) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .user: 0
        case .moderator: 1
        case .admin: 2
        }
    }
}
