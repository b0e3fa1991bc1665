/// What the server tells a user who came into a room or a conversation.
public struct Welcome: ChatPayload {
    public static let event = "welcome"

    /// Who the server takes the user for.
    public var name: UserName
    /// What the user may do here.
    public var role: ChatRole
    /// Empty where there is none.
    public var topic: String
    /// The seconds of slow mode, 0 when it is off.
    public var slowSeconds: Int
    /// How far the user has read.
    public var read: ReadState
    /// The latest messages, as many as the joiner asked for.
    public var history: HistoryPage?

    public init(
        name: UserName,
        role: ChatRole,
        topic: String,
        slowSeconds: Int,
        read: ReadState,
        history: HistoryPage? = nil
    ) {
        self.name = name
        self.role = role
        self.topic = topic
        self.slowSeconds = slowSeconds
        self.read = read
        self.history = history
    }
}
