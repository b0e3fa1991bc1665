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
