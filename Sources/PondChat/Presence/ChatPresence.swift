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
