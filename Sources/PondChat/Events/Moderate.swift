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
