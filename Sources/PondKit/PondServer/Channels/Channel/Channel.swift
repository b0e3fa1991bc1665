import PondCore
import PondRuntime

/// A live channel, at its home: who is in it, who is present, and the order of everything that happens.
///
/// It exists from its first accepted join until its last member is gone.
/// `@unchecked Sendable`: every variable is touched on the home's loop only.
final class Channel: @unchecked Sendable {
    let key: ChannelKey
    /// Tells this life of the channel from earlier and later ones of the same name.
    let number: UInt64
    let lobby: LobbyCore
    let match: RouteMatch
    let home: Shard
    /// Numbers the broadcasts, where the lobby keeps a history.
    let history: ChannelHistory?
    var presence = PresenceState()
    /// The tie to other nodes, where there are any.
    var cluster: ChannelCluster?

    /// Keeps the order behind an outgoing handler that suspends; `nil` while there was none.
    var lane: DeliveryLane?

    /// The first ticket of the member that joined last while the lane was busy.
    private var lastTicketOfAJoin: UInt64 = 0

    private(set) var members: ContiguousArray<Member> = []
    /// Whether it is not certain yet that all nodes number by this node's epoch: joins are answered when it is.
    var isBeginning = false
    /// Members that joined while the store of the history could not be asked what they had missed.
    var unrecovered: [ObjectIdentifier: Member] = [:]
    /// Members whose connection is over, while what it sent before is handled.
    var lingering: [Member] = []
    private var byUser: [String: Member] = [:]
    /// The number of members on each shard.
    private var spread: [Int]
    /// Tracked members that get full lists, and those that get changes.
    var lookers = (full: 0, delta: 0)
    /// Paces the full lists.
    var lists = PresenceLists()

    /// The lobby's handlers, and the version of the lobby that they are of.
    private var known: LobbyHandlers
    private var knownVersion: Int

    var name: String { self.key.name }
    private var core: ServerCore { self.home.core }

    init(key: ChannelKey, number: UInt64, lobby: LobbyCore, match: RouteMatch, home: Shard, history: ChannelHistory?) {
        self.key = key
        self.number = number
        self.lobby = lobby
        self.match = match
        self.home = home
        self.history = history
        self.knownVersion = lobby.version
        self.known = lobby.handlers
        self.spread = Array(repeating: 0, count: home.peers.count)
    }

    /// The lobby's handlers as they are now.
    var handlers: LobbyHandlers {
        let version = self.lobby.version
        if version != self.knownVersion {
            self.knownVersion = version
            self.known = self.lobby.handlers
        }
        return self.known
    }

    // Members

    /// The members of a user: one for each of its connections.
    func members(of userId: String) -> [Member] {
        var found: [Member] = []
        var next = self.byUser[userId]
        while let member = next {
            found.append(member)
            next = member.sibling
        }
        return found
    }

    func member(of userId: String) -> Member? { self.byUser[userId] }

    /// The ids of the users in the channel, each once.
    var userIds: some Collection<String> { self.byUser.keys }

    /// Takes a member in and answers its join. The one place where a join is answered with yes.
    func admit(_ member: Member, _ request: JoinRequest) {
        member.index = self.members.count
        self.members.append(member)
        member.sibling = self.byUser[member.userId]
        self.byUser[member.userId] = member
        self.spread[member.shard.index] += 1
        self.answer(request, of: member)
        member.share()
        if self.core.measures {
            self.core.options.metrics.channelJoined(endpoint: self.lobby.endpoint.path, channel: self.lobby.pattern)
        }
        if member.sibling == nil { self.cluster?.joined(member, presence: member.presenceElsewhere) }
    }

    /// Takes a member out, with `last` as the last it hears; then the others and the leave handlers learn of it.
    ///
    /// One that `isMoved` is a member on another node: no leave handler hears of it.
    func remove(_ member: Member, reason: LeaveReason, last: Frame?, isMoved: Bool = false) {
        guard member.channel === self else { return }
        let user = member.user
        self.unlink(member)
        self.unrecovered[ObjectIdentifier(member)] = nil
        member.exit()
        if !isMoved { member.identity.shared?.set(self.name, nil) }
        let membership = member.membership
        let remembered = member.remembersMessages
        self.home.post(to: member.shard) { $0.detach(membership, last: last, remembered: remembered) }
        self.dropPresence(of: member)
        self.cluster?.left(user.id)
        if self.core.measures {
            self.core.options.metrics.channelLeft(
                endpoint: self.lobby.endpoint.path,
                channel: self.lobby.pattern,
                reason: reason
            )
        }
        if !isMoved { self.runLeaveHandlers(user, reason) }
        if self.members.isEmpty { self.home.destroy(self) }
        member.isOut()
    }

    private func unlink(_ member: Member) {
        if member.isGone { self.lingering.removeAll { $0 === member } }
        let last = self.members.removeLast()
        if last !== member {
            self.members[member.index] = last
            last.index = member.index
        }
        self.spread[member.shard.index] -= 1
        guard let first = self.byUser[member.userId] else { return }
        if first === member {
            self.byUser[member.userId] = member.sibling
        } else {
            var previous = first
            while let next = previous.sibling, next !== member { previous = next }
            previous.sibling = member.sibling
        }
        member.sibling = nil
    }

    func runLeaveHandlers(_ user: User, _ reason: LeaveReason) {
        for chain in self.handlers.leave {
            let context = LeaveContext(channel: self, user: user, reason: reason, remaining: self.members.count)
            self.home.run(chain, context, .leave, at: self.lobby.endpoint.path) { [core, lobby] error in
                guard let error else { return }
                core.options.log.log(.error, "leave handler of \(lobby.pattern) failed: \(error)")
            }
        }
    }

    /// Removes every connection of a user, each with a notice, on this node and on others; the number removed here.
    @discardableResult
    func evict(_ userId: String, reason: String) -> Int {
        // First, for the last member's going may take the channel along.
        self.cluster?.evict(userId, reason: reason, wasHere: self.member(of: userId) != nil)
        return self.evictLocally(userId, reason: reason)
    }

    /// Removes every connection of a user to this node, each with a notice; the number removed.
    @discardableResult
    func evictLocally(_ userId: String, reason: String) -> Int {
        let victims = self.members(of: userId)
        for victim in victims {
            self.remove(victim, reason: .evicted, last: ServerFrames.evicted(self.name, reason: reason))
        }
        return victims.count
    }

    // Delivery

    /// Hands a frame to each shard that holds any of the recipients, once.
    func deliver(_ frame: Frame, to recipients: Recipients) {
        let ticket = self.ticket
        switch recipients {
        case .all: self.deliverToAll(frame, except: self.joined(after: ticket))
        case .allExcept(let userId):
            let (except, late) = (self.members(of: userId).map(\.membership), self.joined(after: ticket))
            self.deliverToAll(frame, except: late.isEmpty ? except : except + late)
        case .users(let ids):
            for id in Set(ids) {
                for member in self.members(of: id) where member.hears(ticket) { member.send(frame) }
            }
        }
    }

    /// The members that joined while what is sent now waited for an outgoing handler.
    private func joined(after ticket: UInt64) -> [Membership] {
        guard ticket < self.lastTicketOfAJoin else { return [] }
        return self.members.filter { $0.isHearing && !$0.hears(ticket) }.map(\.membership)
    }

    /// From the next ticket on a member hears the channel: what waits now was sent before it joined.
    func hearsFromNow(_ member: Member) {
        guard let queue = self.busyLane else { return }
        member.firstTicket = queue.nextTicket
        self.lastTicketOfAJoin = queue.nextTicket
    }

    private func deliverToAll(_ frame: Frame, except: [Membership]) {
        let number = self.number
        for (index, count) in self.spread.enumerated() where count > 0 {
            guard index < self.home.peers.count else { return }
            let shard = self.home.peers[index]
            if shard === self.home {
                shard.deliver(frame, to: number, except: except)
            } else {
                shard.loop.execute { shard.deliver(frame, to: number, except: except) }
            }
        }
    }

    /// Hands a change of presence to each shard that holds members.
    func deliverPresence(full: FullPresenceList?, delta: Frame?) {
        let size = 128 + (full?.frame.text.count ?? 0) + (delta?.text.count ?? 0)
        self.inOrder(size: size) { self.deliverPresenceNow(full: full, delta: delta) }
    }

    private func deliverPresenceNow(full: FullPresenceList?, delta: Frame?) {
        let number = self.number
        for (index, count) in self.spread.enumerated() where count > 0 {
            guard index < self.home.peers.count else { return }
            self.home.post(to: self.home.peers[index]) {
                $0.deliverPresence(full: full, delta: delta, to: number)
            }
        }
    }
}
