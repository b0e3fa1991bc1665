/// The end of a membership: the user is no member any more and hears nothing of what happens here.
public final class LeaveContext {
    /// Who left, with the presence and assigns it had last.
    public let user: User
    /// Why.
    public let reason: LeaveReason
    /// The members that are left.
    public let remaining: Int
    private let channel: Channel
    private var sent = false

    init(channel: Channel, user: User, reason: LeaveReason, remaining: Int) {
        self.channel = channel
        self.user = user
        self.reason = reason
        self.remaining = remaining
    }

    /// The channel's name.
    public var channelName: String { self.channel.name }

    /// What the lobby's pattern captured of the channel's name.
    public var channelParams: [String: String] { self.channel.match.params }

    /// Tells those who remain; once.
    public func broadcast(_ event: String, _ payload: Payload = .empty) {
        guard !self.sent else {
            let lobby = self.channel.lobby.pattern
            return self.channel.home.core.options.log.log(.warning, "a leave handler of \(lobby) broadcast twice")
        }
        self.sent = true
        self.channel.broadcast(event, payload, to: .all)
    }
}
