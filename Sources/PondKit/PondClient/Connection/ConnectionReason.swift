public import PondCore

/// Why a connection is in the state it is in.
public enum ConnectionReason: Sendable, Hashable {
    /// Nobody has asked to connect yet.
    case notStarted
    /// The program called `connect()` or `reconnectNow()`.
    case requested
    /// The program called `disconnect()`.
    case disconnectRequested
    /// The network came back, or the machine woke from a suspend.
    case networkChanged
    /// The wait before this attempt is over.
    case retry
    /// The socket is open and the server has greeted us.
    case greeted
    /// The socket did not open, or the greeting did not come, in time.
    case timedOut
    /// The attempt failed: no network, a declined handshake, a token that could not be had.
    case failed(PondError)
    /// The socket ended.
    case ended(TransportEnd)
    /// The peer gave no sign of life for a whole heartbeat interval after a ping.
    case silent
    /// The server gave signs of life but did not answer a join in time, so the connection is replaced.
    case unanswered
    /// The server is about to go and asked us to come again.
    case drained
}

extension ConnectionReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notStarted: "not started"
        case .requested: "asked to connect"
        case .disconnectRequested: "asked to disconnect"
        case .retry: "trying again"
        case .networkChanged: "the network came back"
        case .greeted: "ready"
        case .timedOut: "no answer in time"
        case .failed(let error): "\(error.message) (\(error.code))"
        case .ended(let end): end.reason.isEmpty ? "socket closed (\(end.code))" : "\(end.reason) (\(end.code))"
        case .silent: "no sign of life"
        case .unanswered: "the server did not answer the join"
        case .drained: "the server asked us to reconnect"
        }
    }
}
