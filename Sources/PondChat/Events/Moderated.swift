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
