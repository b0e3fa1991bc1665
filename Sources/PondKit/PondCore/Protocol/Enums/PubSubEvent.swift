/// The kinds of messages between nodes in the first generation of the protocol.
public enum PubSubEvent: String, Sendable, CaseIterable {
    case message = "MESSAGE"
    case presence = "PRESENCE"
    case getPresence = "GET_PRESENCE"
}
