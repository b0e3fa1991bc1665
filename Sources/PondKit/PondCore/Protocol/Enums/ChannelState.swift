/// The states of a channel as its client sees them.
public enum ChannelState: String, Sendable, CaseIterable {
    case idle = "IDLE"
    case joining = "JOINING"
    case joined = "JOINED"
    case stalled = "STALLED"
    case closed = "CLOSED"
    case declined = "DECLINED"
}
