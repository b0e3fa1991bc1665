/// The states of a room's channel machine, under the names the protocol gives them.
enum ChannelState: String, Hashable, Sendable {
    case idle = "IDLE"
    case joining = "JOINING"
    case joined = "JOINED"
    case stalled = "STALLED"
    case closed = "CLOSED"
    case declined = "DECLINED"
}
