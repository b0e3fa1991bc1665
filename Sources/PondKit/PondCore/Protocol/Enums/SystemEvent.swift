/// The event names that the framework itself sends.
public enum SystemEvent: String, Sendable, CaseIterable {
    case acknowledge = "ACKNOWLEDGE"
    case connection = "CONNECTION"
    case notFound = "NOT_FOUND"
    case unauthorized = "UNAUTHORIZED"
    case exitAcknowledge = "EXIT_ACKNOWLEDGE"
    case evicted = "EVICTED"
    case delivered = "DELIVERED"
    case reconnect = "RECONNECT"
}
