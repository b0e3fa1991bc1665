/// The sender of messages that no user sent.
public enum SystemSender: String, Sendable, CaseIterable {
    case endpoint = "ENDPOINT"
    case channel = "CHANNEL"
}
