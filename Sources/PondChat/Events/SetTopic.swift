/// A moderator's wish to change what the room is about.
public struct SetTopic: ChatPayload {
    public static let event = "topic"

    public var topic: String

    public init(topic: String) { self.topic = topic }
}
