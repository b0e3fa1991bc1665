import PondCore
import PondRuntime

/// A live channel on its home loop: takes members in and out, and owns the parts that serve them.
///
/// It exists from its first accepted join until its last member has left.
/// `@unchecked Sendable`: every variable is touched on the home's loop only.
final class Channel: @unchecked Sendable {
    let scope: ChannelScope
    let roster: ChannelRoster
    let delivery: ChannelDelivery
    let publisher: ChannelPublisher
    let presence: ChannelPresence
    let recovery: ChannelRecovery

    init(key: ChannelKey, number: UInt64, lobby: LobbyCore, match: RouteMatch, home: Shard, history: ChannelHistory?) {
        self.scope = ChannelScope(
            key: key,
            number: number,
            lobby: lobby,
            match: match,
            home: home,
            history: history
        )
        self.roster = ChannelRoster(shards: home.peers.count)
        self.delivery = ChannelDelivery(self.scope, self.roster)
        self.publisher = ChannelPublisher(self.scope, self.roster, self.delivery)
        self.presence = ChannelPresence(self.scope, self.roster, self.delivery)
        self.recovery = ChannelRecovery(self.scope, self.roster, self.delivery, self.publisher, self.presence)
        self.scope.cluster = home.core.cluster.map { ChannelCluster(self, node: $0) }
        self.publisher.followHistory()
        self.publisher.beginHistory()
    }

    var key: ChannelKey { self.scope.key }
    var name: String { self.scope.name }
    var lobby: LobbyCore { self.scope.lobby }
    var match: RouteMatch { self.scope.match }
    var home: Shard { self.scope.home }
    var history: ChannelHistory? { self.scope.history }
    var cluster: ChannelCluster? { self.scope.cluster }
    private var core: ServerCore { self.scope.core }

    // Members

    /// Adds a member and acknowledges its join. Every accepted join passes here.
    func admit(_ member: Member, _ request: JoinRequest) {
        self.roster.add(member)
        self.recovery.answer(request, of: member)
        member.share()
        if self.core.measures {
            self.core.options.metrics.channelJoined(endpoint: self.lobby.endpoint.path, channel: self.lobby.pattern)
        }
        if member.sibling == nil { self.cluster?.joined(member, presence: member.presenceElsewhere) }
    }

    /// Removes a member, sends it `last` as the last frame, then notifies the others and runs the leave handlers.
    ///
    /// With `isTransferred` another node has resumed the member's session, so no leave handler runs here.
    func remove(_ member: Member, reason: LeaveReason, last: Frame?, isTransferred: Bool = false) {
        guard member.channel === self else { return }
        let user = member.user
        self.roster.remove(member)
        member.exit()
        if !isTransferred { member.identity.shared?.set(self.name, nil) }
        let membership = member.membership
        let remembered = member.remembersMessages
        self.home.post(to: member.shard) { $0.detach(membership, last: last, remembered: remembered) }
        self.presence.drop(member)
        self.cluster?.left(user.id)
        if self.core.measures {
            self.core.options.metrics.channelLeft(
                endpoint: self.lobby.endpoint.path,
                channel: self.lobby.pattern,
                reason: reason
            )
        }
        if !isTransferred { self.runLeaveHandlers(user, reason) }
        if self.roster.isEmpty { self.home.destroy(self) }
        member.isOut()
    }

    func runLeaveHandlers(_ user: User, _ reason: LeaveReason) {
        for chain in self.scope.handlers.leave {
            let context = LeaveContext(channel: self, user: user, reason: reason, remaining: self.roster.count)
            self.home.run(chain, context, .leave, at: self.lobby.endpoint.path, in: self.lobby.pattern) {
                [scope] error in
                if let error { scope.log(.error, "leave handler of \(scope.lobby.pattern) failed: \(error)") }
            }
        }
    }

    /// Removes every connection of a user on all nodes, each with a notice; returns the number removed on this node.
    @discardableResult
    func evict(_ userId: String, reason: String) -> Int {
        // The cluster first: removing the last member may end the channel.
        self.cluster?.evict(userId, reason: reason, wasHere: self.roster.member(of: userId) != nil)
        return self.evictLocally(userId, reason: reason)
    }

    /// Removes every connection of a user to this node, each with a notice; returns the number removed.
    @discardableResult
    func evictLocally(_ userId: String, reason: String) -> Int {
        let victims = self.roster.members(of: userId)
        for victim in victims {
            self.remove(victim, reason: .evicted, last: ServerFrames.evicted(self.name, reason: reason))
        }
        return victims.count
    }

    /// Merges `assigns` into what the server remembers about a user, on whichever node the user is.
    func assign(_ assigns: JSONObject, to userId: String) {
        let members = self.roster.members(of: userId)
        for member in members { member.assigns = member.assigns.merging(assigns) }
        if let member = members.first {
            self.cluster?.assigned(userId, member.assigns)
        } else {
            self.cluster?.assign(assigns, to: userId)
        }
    }

    // Users

    /// The users of all nodes, each once.
    var users: [User] {
        self.roster.userIds.compactMap { self.roster.member(of: $0)?.user }
            + (self.cluster?.remoteUsers.map(\.user) ?? [])
    }

    /// A user of any node; `nil` if the user is not known here.
    func user(_ id: String) -> User? { self.roster.member(of: id)?.user ?? self.cluster?.remoteUser(id)?.user }

    /// What the server remembers about each user, by user id.
    var assignsByUser: [String: JSONObject] {
        Dictionary(self.users.map { ($0.id, $0.assigns) }) { first, _ in first }
    }
}

extension DistributedUser {
    /// The user as handlers see it.
    var user: User { User(id: self.id, assigns: self.assigns, presence: self.presence?.json.object) }
}
