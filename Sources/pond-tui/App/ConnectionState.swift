/// The states of the connection machine, under the names the protocol gives them.
enum ConnectionState: String, Hashable, Sendable {
    case disconnected = "DISCONNECTED"
    case connecting = "CONNECTING"
    case connected = "CONNECTED"
}
