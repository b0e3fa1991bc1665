/// Who speaks when no user does.
public enum SystemSender: String, Sendable, CaseIterable {
    case endpoint = "ENDPOINT"
    case channel = "CHANNEL"
}
