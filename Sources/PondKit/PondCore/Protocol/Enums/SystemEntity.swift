/// The channel names of messages that belong to no channel.
public enum SystemEntity: String, Sendable, CaseIterable {
    case gateway = "GATEWAY"
    case channel = "CHANNEL"
}
