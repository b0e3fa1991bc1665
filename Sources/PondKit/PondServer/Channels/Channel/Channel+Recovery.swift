import PondCore

/// Answering joins, the first of a member and those with which it comes back.
extension Channel {
    /// Answers a join of a member: the acknowledgement, then what it missed; from there on it hears the channel.
    func answer(_ request: JoinRequest, of member: Member) {
        guard !self.isBeginning else {
            return self.inOrder { if member.channel === self { self.answer(request, of: member) } }
        }
        var answer = JSONObject()
        var missed: [ServerMessage] = []
        if let history = self.history {
            self.unrecovered[ObjectIdentifier(member)] = nil
            let found = request.recover.map { self.missed(by: member, after: $0, history) }
            if case .unknown? = found {
                // What a client knows of the numbering holds, and it recovers when the store can be asked.
                answer["apart"] = true
                self.retryRecovery(of: member, history)
            } else if history.isNumbered {
                answer["epoch"] = .string(history.position.epoch)
                answer["offset"] = history.position.offset.json
            } else {
                answer["apart"] = true
            }
            if let wanted = request.recover, let found {
                switch found {
                case .whole(let messages):
                    answer["recovered"] = true
                    answer["replayed"] = .int(Int64(messages.count))
                    missed = messages
                case .impossible, .unknown: answer["recovered"] = false
                }
                self.home.core.options.log.log(
                    .debug,
                    "\(self.name): \(member.userId) recovers after \(wanted) at \(history.position): \(found.summary)"
                )
            }
        } else if request.recover != nil {
            answer["recovered"] = false
        }
        let acknowledgement = ServerFrames.acknowledge(
            self.name,
            requestId: request.requestId,
            payload: Payload(answer)
        )
        // It hears nothing until it has recovered: later broadcasts of a sender must not come before earlier ones.
        guard self.unrecovered[ObjectIdentifier(member)] == nil || self.history?.isNumbered != true else {
            let (membership, socket) = (member.membership, request.socket)
            return self.home.post(to: member.shard) { $0.admitSilently(membership, on: socket, acknowledgement) }
        }
        self.send(missed, to: member, behind: acknowledgement, on: request.socket)
    }

    /// The member has what it was sent; what came meanwhile is next, and from there on it hears the channel.
    func replayed(_ replay: Replay, to member: Member) {
        guard let history = self.history, case .whole(let missed) = self.missed(by: member, after: replay.end, history)
        else {
            // More came than is kept: it has to begin afresh, and is told so when it joins again.
            let membership = member.membership
            return self.home.post(to: member.shard) { _ in membership.connection.cut() }
        }
        self.send(missed, to: member, behind: nil, on: replay.socket, shown: replay.shown)
    }

    /// Sends a member what it missed, at once or in pieces, and then lets it hear the channel.
    ///
    /// `shown` is up to where it has what others were shown while the history's store was away: with all of that, who
    /// comes has seen what they have, and nobody need be shown it again when it gets its numbers.
    private func send(
        _ missed: [ServerMessage],
        to member: Member,
        behind first: Frame?,
        on socket: Int,
        shown place: UInt64 = 0
    ) {
        let membership = member.membership
        let shown = self.history?.shown(from: place) ?? (broadcasts: [], next: 0)
        // Where no one can wait for the handlers that look at it, it is seen when it is recovered.
        let hasSeen = shown.broadcasts.isEmpty || (place == 0 && member.hearingSocket == socket)
        let early = hasSeen ? [] : self.messages(shown.broadcasts, to: member, isNumbered: false) ?? []
        let messages = missed + early
        // More than its queue can hold would close the connection, and it would come back to the same.
        let size = messages.reduce(0) { $0 + $1.payload.bytes.count + 256 }
        if let history = self.history, size > self.home.core.options.limits.outboundBytes / 2 {
            let replay = Replay(messages, until: history.position, shown: shown.next, on: socket)
            return self.answerInPlace(member, on: socket) {
                guard member.channel === self else { return }
                member.hearingSocket = -1
                self.home.post(to: member.shard) { $0.begin(replay, to: membership, behind: first) }
            }
        }
        let epoch = self.history?.position.epoch ?? ""
        let frames = messages.map { message in
            message.frame(at: message.offset.map { .numbered(StreamPosition(epoch: epoch, offset: $0)) } ?? .early)
        }
        let mode: Membership.PresenceMode =
            switch (self.presence.entry(of: member.id), member.wantsPresenceDeltas) {
            case (nil, _): .none
            case (_, true): .delta
            case (_, false): .full
            }
        // Presence may have changed while it was away, and nothing else tells what it missed of that.
        let presence = (mode: mode, now: self.presenceNow(for: member, mode))
        let isQueued = self.busyLane != nil && self.isNew(member, on: socket)
        self.answerInPlace(member, on: socket) {
            // It may be gone again by the time that what was sent before it came has left.
            guard member.channel === self else { return }
            member.isHearing = true
            member.hearingSocket = Int32(clamping: socket)
            self.home.post(to: member.shard) { [number = self.number] in
                $0.attach(
                    membership,
                    to: number,
                    on: socket,
                    first: (first.map { [$0] } ?? []) + frames,
                    presence: isQueued ? (mode: .none, now: nil) : presence
                )
            }
        }
        guard isQueued, mode != .none else { return }
        // Changes of presence that wait are older than this list.
        self.inOrder(size: 128 + (presence.now?.text.count ?? 0)) {
            guard member.channel === self else { return }
            self.home.post(to: member.shard) { _ in
                guard membership.channel != nil else { return }
                membership.presence = presence.mode
                if let now = presence.now { membership.connection.send(now) }
            }
        }
    }

    /// Whether this socket does not hear the channel yet.
    private func isNew(_ member: Member, on socket: Int) -> Bool {
        !member.isHearing || member.hearingSocket != Int32(clamping: socket)
    }

    /// Answers a join: at once where the socket is new to the channel, which then gets nothing of what waits for
    /// outgoing handlers; a further join of a socket that hears the channel is answered after what was sent before it.
    private func answerInPlace(_ member: Member, on socket: Int, _ answer: @escaping () -> Void) {
        if self.isNew(member, on: socket) {
            self.hearsFromNow(member)
            answer()
        } else if let queue = self.busyLane, !queue.isFull(self.home.core.options.limits) {
            queue.pass(answer)
        } else {
            answer()
        }
    }

    /// What a member of a channel missed.
    private enum Missed {
        /// All of it, as the member would have heard it.
        case whole([ServerMessage])
        /// Not all of it can be sent.
        case impossible
        /// The store that has it could not be asked.
        case unknown

        /// For a log.
        var summary: String {
            switch self {
            case .whole(let messages): "\(messages.count) broadcasts"
            case .impossible: "impossible"
            case .unknown: "later, the store does not answer"
            }
        }
    }

    private func missed(by member: Member, after position: StreamPosition, _ history: ChannelHistory) -> Missed {
        switch history.missed(after: position, member.takePrepared(), maximumBytes: .max) {
        case .whole(let broadcasts): self.messages(broadcasts, to: member).map(Missed.whole) ?? .impossible
        case .impossible: .impossible
        case .unknown: .unknown
        }
    }

    /// Lets a member join again as soon as the store can be asked what it missed.
    ///
    /// Until then the member must not see a numbered broadcast: it would take that for the one after its last.
    private func retryRecovery(of member: Member, _ history: ChannelHistory) {
        self.unrecovered[ObjectIdentifier(member)] = member
        // Where the numbering is not known yet, its restart makes all members join again.
        guard self.unrecovered.count == 1, history.isNumbered else { return }
        history.whenReadable { [weak self] in self?.cutUnrecovered() }
    }

    /// Makes members that could not recover join again, before a numbered broadcast reaches them.
    func cutUnrecovered() {
        let members = self.unrecovered.values
        self.unrecovered = [:]
        for member in members {
            let membership = member.membership
            self.home.post(to: member.shard) { $0.cut(membership) }
        }
    }

    /// Broadcasts as a member hears them; `nil` where a handler would have to be waited for.
    private func messages(
        _ broadcasts: [StoredBroadcast],
        to member: Member,
        isNumbered: Bool = true
    ) -> [ServerMessage]? {
        var messages: [ServerMessage] = []
        for broadcast in broadcasts where broadcast.recipients.include(member.userId) && self.canSend(broadcast) {
            let message = self.message(broadcast, isNumbered: isNumbered)
            guard let found = self.handlers.outgoing.find(broadcast.event) else {
                messages.append(message)
                continue
            }
            // Nobody can wait here for a handler that suspends.
            guard !found.chain.suspends else { return nil }
            guard let changed = self.outgoing(message, to: member, found) else { continue }
            messages.append(changed)
        }
        return messages
    }

    /// A broadcast as a message, with its number where it has one.
    func message(_ broadcast: StoredBroadcast, isNumbered: Bool = true) -> ServerMessage {
        ServerMessage(
            action: .broadcast,
            event: broadcast.event,
            channelName: self.name,
            requestId: broadcast.requestId,
            offset: isNumbered ? broadcast.offset : nil,
            payload: broadcast.payload
        )
    }
}

extension UInt64 {
    /// This number as JSON.
    fileprivate var json: JSON { Int64(exactly: self).map(JSON.int) ?? .uint(self) }
}
