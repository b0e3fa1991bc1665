/// What a moderator does.
public enum ModerationAction: String, Codable, Sendable, Hashable, CaseIterable {
    /// Puts somebody out of the room; they may come back.
    case kick
    /// Keeps somebody out.
    case ban
    case unban
    /// Lets somebody read only.
    case mute
    case unmute
    /// Lets everyone write once in so many seconds only; 0 ends it.
    case slow
    /// Gives somebody a role; for admins.
    case role
}

/// A moderator's order.
///
///     Moderate(.mute, user: bob, seconds: 600, reason: "shouting")
public struct Moderate: ChatPayload {
    public static let event = "moderate"

    public var action: ModerationAction
    /// Whom it concerns; nobody in particular for `slow`.
    public var user: UserName?
    /// How long a ban or mute lasts, for ever when absent; the interval of slow mode.
    public var seconds: Int?
    public var reason: String?
    /// The role to give.
    public var role: ChatRole?
    /// A ban or mute in every room; for admins.
    public var everywhere: Bool?

    public init(
        _ action: ModerationAction,
        user: UserName? = nil,
        seconds: Int? = nil,
        reason: String? = nil,
        role: ChatRole? = nil,
        everywhere: Bool? = nil
    ) {
        self.action = action
        self.user = user
        self.seconds = seconds
        self.reason = reason
        self.role = role
        self.everywhere = everywhere
    }
}

/// What a moderator did, told to everyone in the room.
public struct Moderated: ChatPayload {
    public static let event = "moderated"

    public var action: ModerationAction
    public var by: UserName
    public var at: ChatTime
    public var user: UserName?
    /// When a ban or mute ends.
    public var until: ChatTime?
    /// The interval of slow mode.
    public var seconds: Int?
    public var reason: String?
    public var role: ChatRole?

    public init(
        _ action: ModerationAction,
        by: UserName,
        at: ChatTime,
        user: UserName? = nil,
        until: ChatTime? = nil,
        seconds: Int? = nil,
        reason: String? = nil,
        role: ChatRole? = nil
    ) {
        self.action = action
        self.by = by
        self.at = at
        self.user = user
        self.until = until
        self.seconds = seconds
        self.reason = reason
        self.role = role
    }
}
