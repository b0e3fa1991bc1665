import PondCore

/// What reaches a channel's home for one member, handled in order, one at a time.
enum MemberWork: Sendable {
    case join(JoinRequest)
    case message(InboundMessage)
    case leave(requestId: String)
    /// The connection has ended.
    case closed
    /// The connection has ended because another node has resumed its session.
    case transferred

    /// Roughly the bytes that it holds while it waits.
    var size: Int {
        switch self {
        case .join(let request): 256 + request.params.bytes.count
        case .message(let message): message.size
        case .leave, .closed, .transferred: 128
        }
    }
}

/// A wish to become a member.
struct JoinRequest: Sendable {
    let requestId: String
    let params: Payload
    let recover: StreamPosition?
    /// Which of the connection's sockets it came on.
    let socket: Int
    let wantsPresenceDeltas: Bool
}

/// A message of a member.
struct InboundMessage: Sendable {
    let event: String
    let requestId: String
    let payload: Payload
    let wantsAcknowledgement: Bool

    /// Roughly the bytes that it holds while it waits.
    var size: Int { 128 + self.event.utf8.count + self.requestId.utf8.count + self.payload.bytes.count }
}
