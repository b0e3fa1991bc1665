/// Why a user is no longer in a channel.
public enum LeaveReason: String, Sendable, CaseIterable {
    case explicitLeave = "explicit_leave"
    case connectionClosed = "connection_closed"
    case evicted = "evicted"
}
