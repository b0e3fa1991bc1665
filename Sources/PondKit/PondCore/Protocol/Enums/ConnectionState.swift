/// The states of a client's connection.
public enum ConnectionState: String, Sendable, CaseIterable {
    case disconnected = "DISCONNECTED"
    case connecting = "CONNECTING"
    case connected = "CONNECTED"
}
