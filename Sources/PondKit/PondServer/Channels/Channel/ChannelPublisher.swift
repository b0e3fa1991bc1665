import PondCore

/// Publishes a channel's broadcasts: has them numbered, stored and told to other nodes, then releases them to members.
///
/// `@unchecked Sendable`: every variable is touched on the home loop only, where the history calls back.
final class ChannelPublisher: @unchecked Sendable {
    private let scope: ChannelScope
    private let roster: ChannelRoster
    private let delivery: ChannelDelivery
    /// Whether the nodes have not yet agreed on the epoch of the numbering: joins are answered when they have.
    private(set) var isBeginning = false

    init(_ scope: ChannelScope, _ roster: ChannelRoster, _ delivery: ChannelDelivery) {
        self.scope = scope
        self.roster = roster
        self.delivery = delivery
    }

    // Broadcasts of this node

    /// Sends an event to members. Every broadcast passes here, in the order that all members see.
    ///
    /// With a history, members get the broadcast when the history has stored it; its number is returned.
    /// Throws, and neither stores nor sends it, if it is larger than clients accept or too much waits to be sent.
    /// `part` counts the broadcasts of one request; `after` is the position that its sender joined with, where this node
    /// may not have read the history so far. A shared history sends a broadcast to members of all nodes alike.
    @discardableResult
    func publish(
        _ event: String,
        _ payload: Payload,
        to recipients: Recipients,
        origin: RequestOrigin? = nil,
        part: Int = 0,
        after: StreamPosition? = nil
    ) throws(PondError) -> UInt64? {
        try self.scope.checkSize(event, payload)
        if let refusal = self.delivery.refusal { throw refusal }
        if let history = self.scope.history, history.isShared {
            return self.share(event, payload, to: recipients, origin: origin, part: part, after: after, in: history)
        }
        let requestId = self.scope.home.requestIds.next()
        self.scope.cluster?.broadcast(event, payload, requestId: requestId, to: recipients)
        return self.append(event, payload, requestId: requestId, to: recipients, origin: origin)
    }

    /// Numbers, stores and releases an event on this node; returns its number in the history.
    @discardableResult
    private func append(
        _ event: String,
        _ payload: Payload,
        requestId: String,
        to recipients: Recipients,
        origin: RequestOrigin? = nil
    ) -> UInt64? {
        guard let history = self.scope.history else {
            let message = ServerMessage(
                action: .broadcast,
                event: event,
                channelName: self.scope.name,
                requestId: requestId,
                payload: payload
            )
            self.delivery.send(message, to: recipients, at: .none)
            return nil
        }
        return history.add(
            event: event,
            requestId: requestId,
            recipients: recipients,
            payload: payload,
            origin: origin,
            goesOut: { self.release($0, of: history) },
            failed: { self.report($0, $1) }
        )
    }

    /// Puts a broadcast of this node into a history that several nodes share, which tells it to all of them.
    ///
    /// The id follows from the request, whichever node handles it and however often: the store and the members
    /// recognise a repeat by it.
    private func share(
        _ event: String,
        _ payload: Payload,
        to recipients: Recipients,
        origin: RequestOrigin?,
        part: Int,
        after: StreamPosition?,
        in history: ChannelHistory
    ) -> UInt64 {
        let name = origin.map { "request/\($0.client.text)/\(part)/\($0.requestId)" }
        let requestId = name.map { PondID.uuid(named: $0) } ?? self.scope.home.requestIds.next()
        let broadcast = StoredBroadcast(
            offset: 0,
            event: event,
            requestId: requestId,
            recipients: recipients,
            payload: payload,
            origin: origin
        )
        return history.share(
            SharedBroadcast(id: name ?? requestId, broadcast: broadcast, after: after),
            announce: { [scope] epoch in scope.cluster?.announcement(of: broadcast, epoch: epoch) },
            failed: {
                self.report($0, $1)
                self.scope.cluster?.count { $0.unstored += 1 }
            }
        )
    }

    // Broadcasts of other nodes

    /// Publishes the message of another node to the members that it names.
    ///
    /// A shared history has the message already if that node uses the history. Otherwise every node that receives the
    /// message adds it, and the id, which is the same on all nodes, keeps the history from storing it twice.
    func receive(_ broadcast: DistributedMessage.Broadcast, id: String) {
        let recipients: Recipients =
            switch broadcast.recipients {
            case .allUsers: .all
            case .allExceptSender: .allExcept(broadcast.fromUserId)
            case .users(let ids): .users(ids)
            }
        // A numbered broadcast is skipped when it is released, so that the numbers stay in sequence.
        if broadcast.position == nil {
            do throws(PondError) {
                let requestIdBytes = 6 * broadcast.requestId.utf8.count
                try self.scope.checkSize(broadcast.event, broadcast.payload, requestIdBytes: requestIdBytes)
            } catch {
                self.scope.cluster?.refuse(error)
                return
            }
        }
        guard let history = self.scope.history, history.isShared else {
            self.append(broadcast.event, broadcast.payload, requestId: broadcast.requestId, to: recipients)
            return
        }
        let stored = StoredBroadcast(
            offset: broadcast.position?.offset ?? 0,
            event: broadcast.event,
            requestId: broadcast.requestId,
            recipients: recipients,
            payload: broadcast.payload
        )
        if let position = broadcast.position {
            history.heard(stored, epoch: position.epoch)
        } else if id.isEmpty {
            // Nothing tells whether another node has stored it: members see it now and cannot recover it later.
            self.delivery.send(self.scope.message(stored, isNumbered: false), to: recipients, at: .none)
        } else {
            let shared = SharedBroadcast(id: "message/\(id)", broadcast: stored)
            history.share(shared, announce: { _ in nil }, failed: { self.report($0, $1) })
        }
    }

    // The history

    /// Begins the numbering with the first member; what the channel sends waits until the numbering is known.
    func beginHistory() {
        guard let history = self.scope.history else { return }
        var done: () -> Void = {}
        self.isBeginning = true
        history.begin {
            self.isBeginning = false
            done()
        }
        guard self.isBeginning else { return }
        self.delivery.hold { done = $0 }
    }

    /// Releases to members what any node adds to a shared history.
    func followHistory() {
        guard let history = self.scope.history, history.isShared else { return }
        history.follow(
            ChannelHistory.Follower(
                goesOut: { [weak self, weak history] broadcast in
                    if let self, let history { self.release(broadcast, of: history) }
                },
                shows: { [weak self, weak history] shared in
                    guard let self, let history, self.scope.canSend(shared.broadcast) else { return }
                    self.scope.cluster?.count { $0.shownApart += 1 }
                    let message = self.scope.message(shared.broadcast, isNumbered: false)
                    self.delivery.send(message, to: self.recipients(of: shared, in: history), at: .early)
                },
                failedShown: { [weak self] _ in self?.scope.cluster?.count { $0.shownOnly += 1 } },
                restarted: { [weak self, weak history] in
                    // Until the numbering has begun, no member knows an epoch.
                    guard let self, let history, !self.isBeginning else { return }
                    let (name, count) = (self.scope.name, self.roster.count)
                    self.scope.log(
                        .warning,
                        "\(name): the numbering restarts at \(history.position); \(count) members join again"
                    )
                    self.cutMembers()
                }
            )
        )
    }

    /// The recipients of an unnumbered broadcast. While it is not known how the channel is numbered, members may have
    /// received more or less of it: those who may lack earlier broadcasts of the sender get this one after them.
    private func recipients(of shared: SharedBroadcast, in history: ChannelHistory) -> Recipients {
        let all = shared.broadcast.recipients
        guard !history.isNumbered, let after = shared.after else { return all }
        let behind = Set(self.roster.members.filter { $0.isBehind(after) }.map(\.userId))
        guard !behind.isEmpty else { return all }
        return .users(self.roster.userIds.filter { all.include($0) && !behind.contains($0) })
    }

    /// Releases a stored broadcast to members, with its number.
    private func release(_ broadcast: StoredBroadcast, of history: ChannelHistory) {
        guard self.scope.canSend(broadcast) else { return }
        if self.roster.hasUnrecovered { self.cutUnrecovered() }
        let position = StreamPosition(epoch: history.position.epoch, offset: broadcast.offset)
        self.delivery.send(self.scope.message(broadcast), to: broadcast.recipients, at: .numbered(position))
    }

    /// Logs a broadcast that could not be stored, so that no member gets it.
    private func report(_ broadcast: StoredBroadcast, _ error: PondError) {
        // The sender learns of a refusal by its answer; a store that cannot write concerns the operator.
        let level: LogLevel = error.kind == .conflict ? .debug : .error
        self.scope.log(level, "\(broadcast.event) in \(self.scope.lobby.pattern) could not be stored: \(error)")
    }

    /// Makes every member reconnect and join again, so that each learns that it may have missed broadcasts.
    private func cutMembers() {
        _ = self.roster.takeUnrecovered()
        for member in self.roster.members { self.scope.home.cut(member) }
    }

    /// Makes members that could not recover join again, before a numbered broadcast reaches them.
    func cutUnrecovered() {
        for member in self.roster.takeUnrecovered() { self.scope.home.cut(member) }
    }
}
