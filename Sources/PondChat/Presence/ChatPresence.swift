/// How a user shows in a channel: one entry, however many devices they use.
public struct ChatPresence: Codable, Sendable, Hashable {
    public var name: UserName
    public var status: UserStatus
    /// A few words beside the status: "lunch".
    public var statusText: String?
    /// When the user came into the channel.
    public var since: ChatTime
    public var role: ChatRole

    public init(
        name: UserName,
        status: UserStatus = .online,
        statusText: String? = nil,
        since: ChatTime,
        role: ChatRole = .user
    ) {
        self.name = name
        self.status = status
        self.statusText = statusText
        self.since = since
        self.role = role
    }
}

/// Whether somebody is there.
public enum UserStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case online
    case away
    case busy
}

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
