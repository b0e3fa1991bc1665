import PondCore

/// How a connection becomes a member, and comes back as one.
extension Member {
    func performJoin(_ request: JoinRequest) {
        if let channel = self.channel {
            return self.prepare(channel.history, for: request) {
                // It may have been removed while the store was read.
                guard let channel = self.channel else { return self.performJoin(request) }
                channel.recovery.answer(request, of: self)
                self.settle()
                self.finished()
            }
        }
        guard let store = self.lobby.handlers.history else { return self.decide(request) }
        self.home.openHistory(of: self.key, self.lobby, in: store) { result in
            switch result {
            case .success(let history):
                self.recall(history) {
                    self.prepare(history, for: request) { self.decide(request, holdsHistory: true) }
                }
            case .failure(let error):
                self.send(ServerFrames.declined(self.name, requestId: request.requestId, error))
                self.settle()
                self.finished()
            }
        }
    }

    /// Learns what the client sent in earlier sessions, so that a repeat of that is known for one.
    private func recall(_ history: ChannelHistory, then: @escaping @Sendable () -> Void) {
        guard self.identity.isReturning, let client = self.identity.client, self.extras?.dedupe == nil else {
            return then()
        }
        self.afterPredecessor {
            // What is on its way into the store is not found there.
            history.whenSettled([history.lastNumber]) { _ in
                history.requests(of: client) { result in
                    self.recalled(result)
                    then()
                }
            }
        }
    }

    private func recalled(_ result: Result<[String], PondError>) {
        switch result {
        case .success(let requests):
            var window = self.newWindow()
            for requestId in requests {
                let answer = ServerFrames.delivered(self.name, requestId: requestId)
                window.recalled(requestId, answer: answer, now: self.home.now)
            }
            self.needExtras().dedupe = window
        case .failure(let error):
            self.options.log.log(.error, "a client's requests in \(self.lobby.pattern) could not be read: \(error)")
        }
    }

    /// Goes on when what the same client sent in a session that is over is handled: a repeat of that may follow.
    private func afterPredecessor(_ then: @escaping @Sendable () -> Void) {
        let lingering = self.home.channels[self.key]?.roster.lingering ?? []
        guard let client = self.identity.client,
            let before = lingering.first(where: { $0 !== self && $0.identity.client == client })
        else { return then() }
        before.needExtras().whenOut.append { self.afterPredecessor(then) }
    }

    func newWindow() -> DedupeWindow {
        DedupeWindow(maximum: self.options.limits.dedupeRequests, age: self.options.limits.dedupeAge)
    }

    /// Whether a repeat of an acknowledged message would be known.
    var remembersMessages: Bool { (self.extras?.dedupe?.count ?? 0) > 0 }

    /// Reads what the history's memory does not have of what a join wants to recover.
    private func prepare(_ history: ChannelHistory?, for request: JoinRequest, then: @escaping @Sendable () -> Void) {
        self.extras?.prepared = .fromMemory
        guard let history, let position = request.recover else { return then() }
        history.whenNumbered {
            history.prepare(position, maximumBytes: self.options.limits.historyBytes) { prepared in
                self.needExtras().prepared = prepared
                then()
            }
        }
    }

    /// What was read from the store for the join that is being answered; released with the answer.
    func takePrepared() -> ChannelHistory.Prepared {
        defer { self.extras?.prepared = .fromMemory }
        return self.extras?.prepared ?? .fromMemory
    }

    /// Lets the join handler decide.
    private func decide(_ request: JoinRequest, holdsHistory: Bool = false) {
        self.wantsPresenceDeltas = request.wantsPresenceDeltas
        self.assigns = self.identity.info.assigns
        let context = JoinContext(member: self, request: request, holdsHistory: holdsHistory)
        if let membership = self.identity.shared?.claim(self.name) { return self.restore(membership, context, request) }
        do {
            try self.options.hooks.beforeJoin?(self.user, self.name)
        } catch {
            return self.endJoin(context, request, error, of: "beforeJoin hook")
        }
        self.run(self.lobby.joinChain, context, .join, holding: 256 + request.params.bytes.count) {
            self.endJoin(context, request, $0)
        }
    }

    /// Restores a membership that was on another node: no handler is asked, and no member sees a join.
    private func restore(_ membership: SessionMembership, _ context: JoinContext, _ request: JoinRequest) {
        self.assigns = membership.assigns
        self.needExtras().presenceElsewhere = membership.presence.map { ($0, membership.key) }
        context.accept()
        self.extras?.presenceElsewhere = nil
        if let channel = self.channel, let presence = membership.presence {
            do throws(PondError) {
                try channel.presence.track(self, presence, key: membership.key)
                let mode: Membership.PresenceMode = self.wantsPresenceDeltas ? .none : .full
                if let now = channel.presence.now(for: self, mode) { channel.delivery.inOrder { self.send(now) } }
            } catch {
                return self.endJoin(context, request, error)
            }
        }
        self.endJoin(context, request, nil)
    }

    /// The one place where a join's handling ends. The acknowledgement left with `accept`.
    private func endJoin(
        _ context: JoinContext,
        _ request: JoinRequest,
        _ error: (any Error)?,
        of place: StaticString = "join handler"
    ) {
        if let error { self.report(error, "\(place) of \(self.lobby.pattern)") }
        switch context.decision {
        case .accepted:
            let failure = error ?? context.refusal
            if let failure { self.send(ServerFrames.failure(self.name, requestId: PondID.uuid(), failure)) }
            if let error, Self.undoesJoin(error) {
                self.undoJoin()
            } else {
                self.options.hooks.afterJoin?(self.user, self.name)
            }
        case .declined(let reason):
            self.send(ServerFrames.declined(self.name, requestId: request.requestId, reason))
        case .none:
            let reason: PondError =
                switch error {
                case nil: .unauthorized("Join handler did not respond")
                case let error as PondError: error
                default: .internalError("Internal Server Error")
                }
            self.send(ServerFrames.declined(self.name, requestId: request.requestId, reason))
        }
        if context.holdsHistory { self.home.releaseHistory(of: self.key) }
        self.settle()
        self.finished()
    }

    /// Whether what a join handler threw after it had accepted undoes the join. A presence that could not be shown does
    /// not: where a channel's list of presences is full, later members are members that are not shown.
    private static func undoesJoin(_ error: any Error) -> Bool { (error as? PondError)?.kind != .presence }

    /// Removes this connection from the channel that a failed join handler had accepted it into.
    private func undoJoin() {
        let notice = ServerFrames.evicted(self.name, reason: "the join handler failed")
        self.channel?.remove(self, reason: .evicted, last: notice)
    }

    /// Tells the connection's shard that one of its joins was answered, once the answer is queued.
    func settle() {
        if let channel = self.channel, channel.publisher.isBeginning {
            return channel.delivery.inOrder { self.settleNow() }
        }
        self.settleNow()
    }

    private func settleNow() {
        let membership = self.membership
        self.home.post(to: self.shard) { $0.settle(membership) }
    }
}
