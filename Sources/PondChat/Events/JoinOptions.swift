/// What a client says when it joins a room or a conversation; all of it may be left out.
public struct JoinOptions: Codable, Sendable, Hashable {
    public var status: UserStatus?
    public var statusText: String?
    /// The latest messages to send with the welcome; none when absent.
    public var history: Int?

    public init(status: UserStatus? = nil, statusText: String? = nil, history: Int? = nil) {
        self.status = status
        self.statusText = statusText
        self.history = history
    }
}
