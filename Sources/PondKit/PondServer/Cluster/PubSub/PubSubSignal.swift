/// What a subscriber hears.
public enum PubSubSignal: Sendable, Hashable {
    /// The subscription holds: whatever is published from here on is heard. Comes again after an interruption.
    case subscribed
    /// A message on a topic that the pattern names.
    case message(topic: String, bytes: [UInt8])
    /// The way is lost; what is published until the next `subscribed` is not heard.
    case interrupted
}
