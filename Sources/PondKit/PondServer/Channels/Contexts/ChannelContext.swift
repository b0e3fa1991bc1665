public import PondCore
import PondRuntime

/// What join and event handlers have in common: a user and the channel it is in, or is about to enter.
///
/// Every method acts at once, in order, on the channel's event loop; a message is queued for its recipients when the
/// method returns.
///
/// A context belongs to its handler and its loop. From another thread, such as a `Task` that the handler began, the
/// methods that only send (`broadcast`, `broadcastFrom`, `broadcastTo`, `reply`, `evict`) act on the loop soon after;
/// `handle` and `channelName` work as well, and everything else traps: take `handle`, or copy what you need before.
public class ChannelContext {
    private let confined: Member

    init(member: Member) { self.confined = member }

    /// The member. Traps off the loop.
    final var member: Member {
        precondition(
            self.isOnLoop,
            """
            a context of \(self.confined.lobby.pattern) is used on another thread than its handler's; take \
            context.handle, which any thread may use, or copy what you need before the handler begins a Task
            """
        )
        return self.confined
    }

    /// Whether the caller is on the channel's loop.
    final var isOnLoop: Bool { self.confined.home.loop.isSafeHere }

    /// Has `body` act on the channel's loop soon.
    final func onLoop(_ body: @escaping (ChannelContext) -> Void) {
        let work = LoopConfined((self, body), to: self.confined.home.loop)
        self.confined.home.loop.execute {
            let (context, body) = work.value
            body(context)
        }
    }

    /// The channel as it is now; `nil` before its first member was accepted and after its last one left.
    var channel: Channel? { self.member.channel ?? self.member.home.channels[self.member.key] }

    /// The channel's name, as clients write it.
    public var channelName: String { self.confined.name }

    /// What the lobby's pattern captured of the channel's name.
    public var channelParams: [String: String] { self.member.match.params }

    /// What a `*` in the lobby's pattern captured.
    public var channelWildcard: String? { self.member.match.wildcard }

    /// The query behind the channel's name.
    public var channelQuery: [String: [String]] { self.member.match.query }

    /// The user that joins or has sent the event, as it is now.
    public var user: User { self.member.user }

    /// The time on the channel's event loop.
    public var now: MonotonicTime { self.member.home.now }

    /// What is known of the user's connection; of a resumed session, the address and transport of its latest socket.
    public var connection: ConnectionInfo { self.member.identity.current }

    /// What the server remembers about the user in this channel.
    public var assigns: JSONObject { self.member.assigns }

    /// A handle on this channel, for use after the handler is done.
    public var handle: ChannelHandle {
        let member = self.confined
        let match = self.isOnLoop ? member.match : member.lobby.route.match(member.name) ?? RouteMatch()
        return ChannelHandle(lobby: member.lobby, match: match, name: member.name)
    }

    // Sending

    // A message that is larger than `Limits.outgoingMessageBytes` is not sent: its sender hears of it, with 413.

    /// Sends an event to every member, the user included.
    public func broadcast(_ event: String, _ payload: Payload = .empty) {
        guard self.isOnLoop else { return self.onLoop { $0.broadcast(event, payload) } }
        self.orRefuse { () throws(PondError) in try self.send(event, payload, to: .all) }
    }

    /// Sends an event to every member but the user.
    public func broadcastFrom(_ event: String, _ payload: Payload = .empty) {
        guard self.isOnLoop else { return self.onLoop { $0.broadcastFrom(event, payload) } }
        self.orRefuse { () throws(PondError) in try self.send(event, payload, to: .allExcept(self.member.userId)) }
    }

    /// Sends an event to some users; ids without a member are ignored.
    public func broadcastTo(_ userIds: [String], _ event: String, _ payload: Payload = .empty) {
        guard self.isOnLoop else { return self.onLoop { $0.broadcastTo(userIds, event, payload) } }
        self.orRefuse { () throws(PondError) in try self.send(event, payload, to: .users(userIds)) }
    }

    /// Sends an event to one user; an id without a member is ignored.
    public func broadcastTo(_ userId: String, _ event: String, _ payload: Payload = .empty) {
        self.broadcastTo([userId], event, payload)
    }

    /// Sends an event to members; throws where it is too large.
    func send(_ event: String, _ payload: Payload, to recipients: Recipients) throws(PondError) {
        let number = try self.channel?.publisher.publish(
            event,
            payload,
            to: recipients,
            origin: self.origin,
            part: self.sent,
            after: self.member.ahead
        )
        self.sent += 1
        if let number { self.numbered(number) }
    }

    /// Runs `body`; the first error is sent to the user when the handler has ended.
    func orRefuse(_ body: () throws(PondError) -> Void) {
        do throws(PondError) {
            try body()
        } catch {
            self.refusal = self.refusal ?? error
        }
    }

    /// Why something that the handler sent was not sent.
    private(set) var refusal: PondError?

    /// Takes the refusal, so that it is not sent to the user.
    func takeRefusal() -> PondError? {
        defer { self.refusal = nil }
        return self.refusal
    }

    /// How much was sent to members.
    private var sent = 0

    /// Whether anything was sent to members.
    var hasSent: Bool { self.sent > 0 }

    /// The request that what is sent comes of.
    var origin: RequestOrigin? { nil }

    /// A broadcast of this context got a number in the channel's history.
    func numbered(_ number: UInt64) {}

    // Presence

    /// Shows the user, or another member on any node, as present.
    ///
    /// Connections of one person share a `key`, which is the user id by default. Other members receive a JOIN for the
    /// first connection of a key only.
    public func track(_ presence: JSONObject, for userId: String? = nil, key: String? = nil) throws(PondError) {
        if let userId, try self.channel?.presence.trackRemote(userId, presence, key: key) == true { return }
        guard let (channel, member) = try self.subject(userId) else { return }
        try channel.presence.track(member, presence, key: key)
    }

    /// Changes what the user, or another member, shows, on whichever node it is.
    public func updatePresence(_ presence: JSONObject, for userId: String? = nil) throws(PondError) {
        if let userId, try self.channel?.presence.setRemote(userId, to: presence) == true { return }
        guard let (channel, member) = try self.subject(userId) else { return }
        try channel.presence.update(member, presence)
    }

    /// Shows the user, or another member, as present with this, whether or not it was tracked before.
    public func upsertPresence(_ presence: JSONObject, for userId: String? = nil) throws(PondError) {
        if let userId, try self.channel?.presence.setRemote(userId, to: presence) == true { return }
        guard let (channel, member) = try self.subject(userId) else { return }
        try channel.presence.upsert(member, presence)
    }

    /// Ends the presence of the user, or of another member, which stays a member.
    public func untrack(_ userId: String? = nil) throws(PondError) {
        if let userId, try self.channel?.presence.setRemote(userId, to: nil) == true { return }
        guard let (channel, member) = try self.subject(userId) else { return }
        try channel.presence.untrack(member)
    }

    /// Every presence, by its key.
    public var allPresence: [String: JSONObject] { self.channel?.presence.byKey ?? [:] }

    // Others

    /// What the server remembers about each member, by user id.
    public var allAssigns: [String: JSONObject] { self.channel?.assignsByUser ?? [:] }

    /// The users in the channel, each once, in no order.
    public var users: [User] { self.channel?.users ?? [] }

    /// A user in the channel, or `nil`.
    public func getUser(_ id: String) -> User? { self.channel?.user(id) }

    /// A user in the channel, or `nil`; other nodes are asked for one that nothing is known of, for half a second.
    public func findUser(_ id: String) async -> User? { await self.handle.user(id) }

    /// Removes a user and tells it the reason; an id without a member is ignored.
    public func evict(_ userId: String, reason: String = "evicted") {
        guard self.isOnLoop else { return self.onLoop { $0.evict(userId, reason: reason) } }
        self.channel?.evict(userId, reason: reason)
    }

    /// Merges members into the assigns of the user, or of another member, in this channel.
    public func assign(_ assigns: JSONObject, for userId: String? = nil) {
        if let userId, userId != self.member.userId {
            self.channel?.assign(assigns, to: userId)
        } else {
            self.member.assigns = self.member.assigns.merging(assigns)
            self.member.channel?.cluster?.assigned(self.member.userId, self.member.assigns)
        }
    }

    /// The member that a presence call is about; `nil` when the user is gone, so that there is nothing to do.
    private func subject(_ userId: String?) throws(PondError) -> (Channel, Member)? {
        guard let userId, userId != self.member.userId else {
            if let channel = self.member.channel { return (channel, self.member) }
            if self.member.hasEnded { return nil }
            throw .presence(404, "The user is not a member")
        }
        guard let channel = self.channel, let member = channel.roster.member(of: userId) else {
            throw .presence(404, "The user is not a member")
        }
        return (channel, member)
    }
}
