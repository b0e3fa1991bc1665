public import PondCore

/// Why a channel is in the state it is in.
public enum ChannelReason: Sendable, Hashable {
    /// Nobody has asked to join yet.
    case created
    /// The program asked to join, and the server has been asked.
    case joinSent
    /// The program asked to join; the server is asked as soon as there is a connection.
    case joinDeferred
    /// The server let us in.
    case acknowledged
    /// The connection was lost.
    case connectionLost
    /// The connection is back, and the server has been asked again.
    case rejoinSent
    /// The program called `leave()`.
    case left
    /// The server removed us, with its reason.
    case evicted(String)
    /// The program holds neither the client nor one of its channels any more.
    case clientReleased
    /// The server refused the join.
    case declined(PondError)
}

extension ChannelReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .created: "not joined yet"
        case .joinSent: "join sent"
        case .joinDeferred: "joins when connected"
        case .acknowledged: "joined"
        case .connectionLost: "connection lost, rejoins when connected"
        case .rejoinSent: "rejoin sent"
        case .left: "left"
        case .evicted(let reason): reason.isEmpty ? "removed by the server" : "removed by the server: \(reason)"
        case .clientReleased: "the client was released"
        case .declined(let error): "\(error.message) (\(error.code))"
        }
    }
}
