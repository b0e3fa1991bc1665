public import PondCore
import PondRuntime

/// The departure of a member: the user was removed and receives nothing more from the channel.
public final class LeaveContext {
    /// The user that left, with its last presence and assigns.
    public let user: User
    /// Why.
    public let reason: LeaveReason
    /// The members that are left.
    public let remaining: Int
    private let confined: Channel
    /// The channel. Traps off its loop.
    private var channel: Channel {
        precondition(
            self.confined.home.loop.isSafeHere,
            """
            the leave context of \(self.confined.lobby.pattern) is used on another thread than its handler's; take \
            context.handle, which any thread may use, or copy what you need before the handler begins a Task
            """
        )
        return self.confined
    }
    private var sent = false

    init(channel: Channel, user: User, reason: LeaveReason, remaining: Int) {
        self.confined = channel
        self.user = user
        self.reason = reason
        self.remaining = remaining
    }

    /// The channel's name.
    public var channelName: String { self.confined.name }

    /// What the lobby's pattern captured of the channel's name.
    public var channelParams: [String: String] { self.confined.match.params }

    /// What a `*` in the lobby's pattern captured.
    public var channelWildcard: String? { self.confined.match.wildcard }

    /// The query behind the channel's name.
    public var channelQuery: [String: [String]] { self.confined.match.query }

    /// A handle on the channel, for use after the handler is done.
    public var handle: ChannelHandle {
        ChannelHandle(lobby: self.confined.lobby, match: self.confined.match, name: self.confined.name)
    }

    // Remaining members

    /// The remaining users, each once, in no order.
    public var users: [User] { self.channel.users }

    /// Every remaining presence, by its key.
    public var allPresence: [String: JSONObject] { self.channel.presence.byKey }

    /// The assigns of each remaining user, by user id.
    public var allAssigns: [String: JSONObject] { self.channel.assignsByUser }

    /// Sends an event to the remaining members; once.
    public func broadcast(_ event: String, _ payload: Payload = .empty) {
        guard self.confined.home.loop.isSafeHere else {
            let context = LoopConfined(self, to: self.confined.home.loop)
            return self.confined.home.loop.execute { context.value.broadcast(event, payload) }
        }
        self.orReport { () throws(PondError) in try self.send(event, payload, to: .all) }
    }

    /// Sends an event to some of the remaining members, instead of `broadcast`; once.
    public func broadcastTo(_ userIds: [String], _ event: String, _ payload: Payload = .empty) {
        guard self.confined.home.loop.isSafeHere else {
            let context = LoopConfined(self, to: self.confined.home.loop)
            return self.confined.home.loop.execute { context.value.broadcastTo(userIds, event, payload) }
        }
        self.orReport { () throws(PondError) in try self.send(event, payload, to: .users(userIds)) }
    }

    /// Logs a failure, since no client waits for an answer.
    private func orReport(_ body: () throws(PondError) -> Void) {
        do throws(PondError) {
            try body()
        } catch {
            let lobby = self.channel.lobby.pattern
            self.channel.home.core.options.log.log(.error, "a leave handler of \(lobby) could not broadcast: \(error)")
        }
    }

    /// Sends an event to the remaining members; throws if it is too large.
    func send(_ event: String, _ payload: Payload, to recipients: Recipients) throws(PondError) {
        guard !self.sent else {
            let lobby = self.channel.lobby.pattern
            return self.channel.home.core.options.log.log(.warning, "a leave handler of \(lobby) broadcast twice")
        }
        try self.channel.publisher.publish(event, payload, to: recipients)
        self.sent = true
    }
}
