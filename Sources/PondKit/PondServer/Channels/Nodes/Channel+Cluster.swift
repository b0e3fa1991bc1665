import PondCore

/// What other nodes do to a channel.
extension Channel {
    /// Gives the message of another node to the members it names, as one more broadcast.
    ///
    /// Where the history is shared it is in there, if its node knows of the history, and its number says where. One
    /// of a node that does not is put in by all who hear it: its id, the same for all, keeps it from being there twice.
    func deliver(_ broadcast: DistributedMessage.Broadcast, id: String) {
        let recipients: Recipients =
            switch broadcast.recipients {
            case .allUsers: .all
            case .allExceptSender: .allExcept(broadcast.fromUserId)
            case .users(let ids): .users(ids)
            }
        // One that has its number is skipped where it would be sent, so that the numbers go on.
        if broadcast.position == nil {
            do throws(PondError) {
                let requestIdBytes = 6 * broadcast.requestId.utf8.count
                try self.measure(broadcast.event, broadcast.payload, requestIdBytes: requestIdBytes)
            } catch {
                self.cluster?.refuse(error)
                return
            }
        }
        guard let history = self.history, history.isShared else {
            self.deliver(broadcast.event, broadcast.payload, requestId: broadcast.requestId, to: recipients)
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
            // Nothing tells whether others have put it in: it is seen now, and not recovered later.
            self.send(self.message(stored, isNumbered: false), to: recipients, at: .none)
        } else {
            let shared = SharedBroadcast(id: "message/\(id)", broadcast: stored)
            history.share(shared, announce: { _ in nil }, failed: { self.report($0, $1) })
        }
    }

    /// Puts a broadcast of this node into the history that several nodes share, from where all of them hear of it.
    ///
    /// What came of one request has one id, on whichever node it is handled and how often: the store knows it by that,
    /// and members by the request id that follows from it.
    func share(
        _ event: String,
        _ payload: Payload,
        to recipients: Recipients,
        origin: RequestOrigin?,
        part: Int,
        in history: ChannelHistory
    ) -> UInt64 {
        let name = origin.map { "request/\($0.client.text)/\(part)/\($0.requestId)" }
        let requestId = name.map { PondID.uuid(named: $0) } ?? self.home.requestIds.next()
        let broadcast = StoredBroadcast(
            offset: 0,
            event: event,
            requestId: requestId,
            recipients: recipients,
            payload: payload,
            origin: origin
        )
        return history.share(
            SharedBroadcast(id: name ?? requestId, broadcast: broadcast),
            announce: { [cluster] epoch in cluster?.announcement(of: broadcast, epoch: epoch) },
            failed: { [cluster] in
                self.report($0, $1)
                cluster?.count { $0.unstored += 1 }
            }
        )
    }

    /// Begins the numbering of a history with the first member; what the channel sends waits until that is done.
    func beginHistory() {
        guard let history = self.history else { return }
        var done: () -> Void = {}
        self.isBeginning = true
        history.begin {
            self.isBeginning = false
            done()
        }
        guard self.isBeginning else { return }
        let lane = self.lane ?? DeliveryLane(loopWork: self.home.work)
        self.lane = lane
        lane.hold { done = $0 }
    }

    /// Sends members what any node puts into a shared history.
    func followHistory() {
        guard let history = self.history, history.isShared else { return }
        history.follow(
            ChannelHistory.Follower(
                goesOut: { [weak self, weak history] broadcast in
                    if let self, let history { self.send(broadcast, of: history) }
                },
                shows: { [weak self] broadcast in
                    guard let self, self.canSend(broadcast) else { return }
                    self.cluster?.count { $0.shownApart += 1 }
                    self.send(self.message(broadcast, isNumbered: false), to: broadcast.recipients, at: .early)
                },
                failedShown: { [weak self] _ in self?.cluster?.count { $0.shownOnly += 1 } },
                restarted: { [weak self, weak history] in
                    // Nobody was told of the numbering before.
                    guard let self, let history, !self.isBeginning else { return }
                    self.home.core.options.log.log(
                        .warning,
                        "\(self.name): the numbering restarts at \(history.position); \(self.members.count) members join again"
                    )
                    self.cutMembers()
                }
            )
        )
    }

    /// Makes every member connect and join again, which tells it that it may have missed something.
    private func cutMembers() {
        self.unrecovered = [:]
        for member in self.members {
            let membership = member.membership
            self.home.post(to: member.shard) { $0.cut(membership) }
        }
    }

    /// Shows what changed of the presence of users of other nodes.
    func show(_ changes: [PresenceChange]) {
        for change in changes {
            if let presence = change.presence, !self.hasRoom(for: presence.bytes, under: change.key) {
                self.cluster?.count { $0.overflows += 1 }
                continue
            }
            self.announce(self.presence.apply(change))
        }
    }

    /// Another node changed what is tracked of a user of this one.
    func setPresence(of userId: String, to presence: Payload?) {
        for member in self.members(of: userId) where self.presence.entry(of: member.id) != nil {
            guard let presence else {
                try? self.untrack(member, telling: false)
                continue
            }
            let key = self.presence.entry(of: member.id)?.key ?? userId
            guard self.hasRoom(for: presence.bytes, under: key) else {
                self.cluster?.count { $0.overflows += 1 }
                continue
            }
            let value = presence.json.object ?? [:]
            if let change = self.presence.update(member.id, value: value, text: presence.bytes) {
                self.announce(change)
                member.share()
            }
        }
    }

    /// Another node shows a user of this one.
    func track(_ userId: String, _ presence: Payload, key: String) {
        let members = self.members(of: userId)
        guard let member = members.first, members.allSatisfy({ self.presence.entry(of: $0.id) == nil }) else {
            return self.setPresence(of: userId, to: presence)
        }
        try? self.track(member, presence.json.object ?? [:], key: key)
    }

    /// Lays members over what is remembered about a user, wherever it is.
    func assign(_ assigns: JSONObject, to userId: String) {
        let members = self.members(of: userId)
        for member in members { member.assigns = member.assigns.merging(assigns) }
        if let member = members.first {
            self.cluster?.assigned(userId, member.assigns)
        } else {
            self.cluster?.assign(assigns, to: userId)
        }
    }

    /// The users of this node and of all others, each once.
    var users: [User] {
        self.localUsers + (self.cluster?.remoteUsers.map(\.user) ?? [])
    }

    /// A user of this node or, as far as is known, of another.
    func user(_ id: String) -> User? { self.member(of: id)?.user ?? self.cluster?.remoteUser(id)?.user }
}

extension DistributedUser {
    /// The user as handlers see it.
    var user: User { User(id: self.id, assigns: self.assigns, presence: self.presence?.json.object) }
}

extension Member {
    /// Tells the store of sessions how this membership is now, where sessions go from node to node.
    func share() {
        guard let shared = self.identity.shared, let channel = self.channel else { return }
        let entry = channel.presence.entry(of: self.id)
        shared.set(
            channel.name,
            SessionMembership(
                assigns: self.assigns,
                presence: entry?.value,
                key: entry.flatMap { $0.key == self.userId ? nil : $0.key }
            )
        )
    }
}
