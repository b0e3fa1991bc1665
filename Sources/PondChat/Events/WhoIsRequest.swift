/// Asks about a user.
public struct WhoIsRequest: ChatPayload {
    public static let event = "whois"

    public var user: UserName

    public init(user: UserName) { self.user = user }
}
