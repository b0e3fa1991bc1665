/// The kind of a message that a server sends.
public enum ServerAction: String, Sendable, CaseIterable {
    case presence = "PRESENCE"
    case system = "SYSTEM"
    case broadcast = "BROADCAST"
    case error = "ERROR"
    case connect = "CONNECT"
}
