/// Which end of a WebSocket one is: a client masks what it sends, a server does not.
package enum WebSocketRole: Sendable, Hashable {
    case server
    case client

    package var other: WebSocketRole { self == .server ? .client : .server }
}
