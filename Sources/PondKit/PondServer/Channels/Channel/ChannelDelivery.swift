import PondCore
import PondRuntime

/// Sends a channel's messages to its members, all in one order. Confined to the home loop.
final class ChannelDelivery {
    private let scope: ChannelScope
    private let roster: ChannelRoster
    private let outgoing: OutgoingStage
    /// Preserves the order while an outgoing handler is suspended; `nil` until the first one suspends.
    private var queue: SendQueue?
    /// The first ticket of the member that joined last while the queue was busy.
    private var lastTicketOfAJoin: UInt64 = 0

    init(_ scope: ChannelScope, _ roster: ChannelRoster) {
        self.scope = scope
        self.roster = roster
        self.outgoing = OutgoingStage(scope)
    }

    // Order

    /// The queue, if what is sent now has to wait in it.
    private var busyQueue: SendQueue? {
        guard let queue = self.queue, queue.isBusy else { return nil }
        return queue
    }

    private var anyQueue: SendQueue {
        if let queue = self.queue { return queue }
        let queue = SendQueue(loopWork: self.scope.home.work)
        self.queue = queue
        return queue
    }

    /// Whether messages wait for an outgoing handler.
    var isBusy: Bool { self.busyQueue != nil }

    /// Whether so much waits that members' messages are refused.
    var isFull: Bool { self.busyQueue?.isFull(self.scope.limits) ?? false }

    /// The error for a broadcast that cannot be queued now; `nil` if it can.
    var refusal: PondError? {
        guard let queue = self.busyQueue, queue.isOverfull(self.scope.limits) else { return nil }
        return .rateLimited("Too many messages of the channel wait to be sent", retryAfter: 1)
    }

    /// Runs `work` after everything that was sent before; at once if nothing waits.
    func inOrder(size: Int = 128, _ work: @escaping () -> Void) {
        if let queue = self.busyQueue { queue.pass(size: size, work) } else { work() }
    }

    /// Runs `work` after everything that was sent before; what is sent later waits until it calls `done`.
    func hold(_ work: @escaping (_ done: @escaping () -> Void) -> Void) { self.anyQueue.hold(work) }

    /// The ticket of what is being sent: members that joined after it was queued do not get it.
    private var ticket: UInt64 { self.queue?.currentTicket ?? .max }

    /// Lets a member receive what is sent from now on, but not what waits: that was sent before it joined.
    func receivesFromNow(_ member: Member) {
        guard let queue = self.busyQueue else { return }
        member.reception.begin(at: queue.nextTicket)
        self.lastTicketOfAJoin = queue.nextTicket
    }

    // Messages

    /// Sends a message to members, through the outgoing handlers of its event.
    func send(_ message: ServerMessage, to recipients: Recipients, at place: BroadcastPlace) {
        if let queue = self.busyQueue {
            guard !queue.isOverfull(self.scope.limits) else { return self.logDropped(message) }
            queue.pass(size: message.waitingSize) { self.sendNow(message, to: recipients, at: place) }
        } else {
            self.sendNow(message, to: recipients, at: place)
        }
    }

    /// Logs a message that is dropped because twice the limits of waiting messages are reached.
    ///
    /// A member that causes it gets a 429; this is for timers, handles and other nodes, which get no answer.
    private func logDropped(_ message: ServerMessage) {
        self.scope.log(
            .error,
            "\(message.event) in \(self.scope.lobby.pattern) was dropped: too many messages wait for its outgoing "
                + "handlers; make them faster or raise Limits.pendingBroadcastsPerChannel and pendingBytesPerChannel"
        )
    }

    private func sendNow(_ message: ServerMessage, to recipients: Recipients, at place: BroadcastPlace) {
        if let found = self.scope.handlers.outgoing.find(message.event) {
            self.send(message, to: self.members(of: recipients), through: found, at: place)
        } else {
            self.fanOut(message.frame(at: place), to: recipients)
        }
        if self.scope.core.measures {
            self.scope.core.options.metrics.messageBroadcast(
                endpoint: self.scope.lobby.endpoint.path,
                channel: self.scope.lobby.pattern,
                event: message.event,
                recipients: self.count(of: recipients)
            )
        }
    }

    /// Answers one member, through the outgoing handlers of the event.
    func reply(_ event: String, _ payload: Payload, requestId: String, to member: Member) throws(PondError) {
        // The request id is within its limit, but may need escapes.
        try self.scope.checkSize(event, payload, requestIdBytes: 6 * requestId.utf8.count)
        let message = ServerMessage(
            action: .system,
            event: event,
            channelName: self.scope.name,
            requestId: requestId,
            payload: payload
        )
        if let queue = self.busyQueue {
            queue.pass(size: message.waitingSize) { self.replyNow(message, to: member) }
        } else {
            self.replyNow(message, to: member)
        }
    }

    private func replyNow(_ message: ServerMessage, to member: Member) {
        if let found = self.scope.handlers.outgoing.find(message.event) {
            self.send(message, to: [member], through: found, at: .none)
        } else {
            member.send(message)
        }
    }

    private func send(
        _ message: ServerMessage,
        to members: [Member],
        through found: EventRoutes<OutgoingContext>.Found,
        at place: BroadcastPlace
    ) {
        guard found.chain.suspends else {
            for member in members {
                guard let changed = self.outgoing.apply(found, to: message, for: member) else { continue }
                member.send(changed.frame(at: place))
            }
            return
        }
        self.anyQueue.hold(size: message.waitingSize) { done in
            self.outgoing.send(message, to: members[...], through: found, at: place, done)
        }
    }

    /// Broadcasts as a member receives them; `nil` if an outgoing handler would suspend.
    func messages(
        _ broadcasts: [StoredBroadcast],
        to member: Member,
        isNumbered: Bool = true
    ) -> [ServerMessage]? {
        var messages: [ServerMessage] = []
        for broadcast in broadcasts where broadcast.recipients.include(member.userId) && self.scope.canSend(broadcast) {
            let message = self.scope.message(broadcast, isNumbered: isNumbered)
            guard let found = self.scope.handlers.outgoing.find(broadcast.event) else {
                messages.append(message)
                continue
            }
            // A recovery cannot wait for a handler that suspends.
            guard !found.chain.suspends else { return nil }
            guard let changed = self.outgoing.apply(found, to: message, for: member) else { continue }
            messages.append(changed)
        }
        return messages
    }

    // Recipients

    /// The members that a message of the current ticket is for.
    private func members(of recipients: Recipients) -> [Member] {
        let ticket = self.ticket
        return switch recipients {
        case .all: self.roster.members.filter { $0.reception.includes(ticket) }
        case .allExcept(let userId): self.roster.members.filter { $0.reception.includes(ticket) && $0.userId != userId }
        case .users(let ids): Set(ids).flatMap { self.roster.members(of: $0) }.filter { $0.reception.includes(ticket) }
        }
    }

    private func count(of recipients: Recipients) -> Int {
        if case .all = recipients { return self.roster.count }
        return self.members(of: recipients).count
    }

    /// The members that joined while what is sent now waited for an outgoing handler.
    private func joined(after ticket: UInt64) -> [Membership] {
        guard ticket < self.lastTicketOfAJoin else { return [] }
        return self.roster.members.filter { $0.reception.isOn && !$0.reception.includes(ticket) }.map(\.membership)
    }

    // Frames

    /// Hands a frame to each shard that has any of the recipients, once.
    private func fanOut(_ frame: Frame, to recipients: Recipients) {
        let ticket = self.ticket
        switch recipients {
        case .all: self.fanOut(frame, except: self.joined(after: ticket))
        case .allExcept(let userId):
            let (except, late) = (self.roster.members(of: userId).map(\.membership), self.joined(after: ticket))
            self.fanOut(frame, except: late.isEmpty ? except : except + late)
        case .users(let ids):
            for id in Set(ids) {
                for member in self.roster.members(of: id) where member.reception.includes(ticket) { member.send(frame) }
            }
        }
    }

    private func fanOut(_ frame: Frame, except: [Membership]) {
        let (number, home) = (self.scope.number, self.scope.home)
        for (index, count) in self.roster.membersOfShard.enumerated() where count > 0 {
            guard index < home.peers.count else { return }
            let shard = home.peers[index]
            if shard === home {
                shard.fanOut(frame, to: number, except: except)
            } else {
                shard.loop.execute { shard.fanOut(frame, to: number, except: except) }
            }
        }
    }

    /// Hands a presence change to each shard that has members.
    func fanOutPresence(full: FullPresenceList?, delta: Frame?) {
        let size = 128 + (full?.frame.text.count ?? 0) + (delta?.text.count ?? 0)
        self.inOrder(size: size) { self.fanOutPresenceNow(full: full, delta: delta) }
    }

    private func fanOutPresenceNow(full: FullPresenceList?, delta: Frame?) {
        let (number, home) = (self.scope.number, self.scope.home)
        for (index, count) in self.roster.membersOfShard.enumerated() where count > 0 {
            guard index < home.peers.count else { return }
            home.post(to: home.peers[index]) { $0.fanOutPresence(full: full, delta: delta, to: number) }
        }
    }
}

extension ServerMessage {
    /// Roughly the bytes that a waiting message holds.
    var waitingSize: Int { 256 + self.event.utf8.count + self.payload.bytes.count }
}
