/// Somebody else writes, or stopped; never stored, and over by itself after a few seconds without another one.
public struct Typing: ChatPayload {
    public static let event = "typing"
    /// How long one notice holds.
    public static let lifetime: Duration = .seconds(6)

    public var user: UserName
    public var active: Bool

    public init(user: UserName, active: Bool) {
        self.user = user
        self.active = active
    }
}
