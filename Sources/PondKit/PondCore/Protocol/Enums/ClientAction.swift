/// What a client asks for.
public enum ClientAction: String, Sendable, CaseIterable {
    case joinChannel = "JOIN_CHANNEL"
    case leaveChannel = "LEAVE_CHANNEL"
    case broadcast = "BROADCAST"
}
