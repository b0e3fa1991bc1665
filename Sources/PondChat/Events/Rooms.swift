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

/// A moderator's wish to change what the room is about.
public struct SetTopic: ChatPayload {
    public static let event = "topic"

    public var topic: String

    public init(topic: String) { self.topic = topic }
}

/// The room has a new topic.
public struct TopicChanged: ChatPayload {
    public static let event = "topic"

    public var topic: String
    public var by: UserName
    public var at: ChatTime

    public init(topic: String, by: UserName, at: ChatTime) {
        self.topic = topic
        self.by = by
        self.at = at
    }
}

/// The sender begins or stops to write; send `true` again every few seconds while it goes on.
public struct SetTyping: ChatPayload {
    public static let event = "typing"

    public var active: Bool

    public init(active: Bool) { self.active = active }
}

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

/// The sender's status in this channel; everyone learns it through presence.
public struct SetStatus: ChatPayload {
    public static let event = "status"

    public var status: UserStatus
    public var statusText: String?

    public init(status: UserStatus, statusText: String? = nil) {
        self.status = status
        self.statusText = statusText
    }
}
