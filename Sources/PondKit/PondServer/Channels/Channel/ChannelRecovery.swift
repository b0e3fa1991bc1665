import PondCore

/// Answers the joins of a channel's members and sends each what it missed. Confined to the home loop.
final class ChannelRecovery {
    private let scope: ChannelScope
    private let roster: ChannelRoster
    private let delivery: ChannelDelivery
    private let publisher: ChannelPublisher
    private let presence: ChannelPresence

    init(
        _ scope: ChannelScope,
        _ roster: ChannelRoster,
        _ delivery: ChannelDelivery,
        _ publisher: ChannelPublisher,
        _ presence: ChannelPresence
    ) {
        self.scope = scope
        self.roster = roster
        self.delivery = delivery
        self.publisher = publisher
        self.presence = presence
    }

    /// Acknowledges a member's join and sends what the member missed; then the member receives the channel's messages.
    func answer(_ request: JoinRequest, of member: Member) {
        guard !self.publisher.isBeginning else {
            return self.delivery.inOrder { if member.isMember(of: self.scope) { self.answer(request, of: member) } }
        }
        var answer = JSONObject()
        var missed: [ServerMessage] = []
        if let history = self.scope.history {
            self.roster.setRecovered(member)
            member.ahead = request.recover.flatMap { history.mayLack($0) ? $0 : nil }
            let found = request.recover.map { self.missed(by: member, after: $0, history) }
            if case .unknown? = found {
                // The client keeps its position, and recovers when the store answers again.
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
                self.scope.log(
                    .debug,
                    "\(self.scope.name): \(member.userId) recovers after \(wanted) at \(history.position): \(found.summary)"
                )
            }
        } else if request.recover != nil {
            answer["recovered"] = false
        }
        let acknowledgement = ServerFrames.acknowledge(
            self.scope.name,
            requestId: request.requestId,
            payload: Payload(answer)
        )
        // The member receives nothing before it has recovered, so that the order of each sender is kept.
        guard !self.roster.isUnrecovered(member) || self.scope.history?.isNumbered != true else {
            let (membership, socket) = (member.membership, request.socket)
            return self.scope.home.post(to: member.shard) { $0.admitSilently(membership, on: socket, acknowledgement) }
        }
        self.send(missed, to: member, behind: acknowledgement, on: request.socket)
    }

    /// Sends a member what was broadcast during its replay; then the member receives the channel's messages.
    func replayed(_ replay: Replay, to member: Member) {
        guard let history = self.scope.history,
            case .whole(let missed) = self.missed(by: member, after: replay.end, history)
        else {
            // More was broadcast than the history keeps: the next join tells the member that it cannot recover.
            let membership = member.membership
            return self.scope.home.post(to: member.shard) { _ in membership.connection.cut() }
        }
        self.send(missed, to: member, behind: nil, on: replay.socket, shown: replay.shown)
    }

    /// Sends a member what it missed, at once or in pieces; then the member receives the channel's messages.
    ///
    /// `shown` is the ticket up to which the member received unnumbered broadcasts. It gets the later ones here, so that
    /// no member needs them again when they are numbered.
    private func send(
        _ missed: [ServerMessage],
        to member: Member,
        behind first: Frame?,
        on socket: Int,
        shown place: UInt64 = 0
    ) {
        let membership = member.membership
        let shown = self.scope.history?.shown(from: place) ?? (broadcasts: [], next: 0)
        // If an outgoing handler would suspend, the member gets these broadcasts when they are numbered.
        let hasSeen = shown.broadcasts.isEmpty || (place == 0 && member.reception.socket == socket)
        let inOrder = hasSeen ? [] : shown.broadcasts.filter { !self.lacks(member, what: $0.after) }.map(\.broadcast)
        let early = self.delivery.messages(inOrder, to: member, isNumbered: false) ?? []
        let messages = missed + early
        // More than the queue can hold would close the connection, and the same again after each reconnect.
        let size = messages.reduce(0) { $0 + $1.payload.bytes.count + 256 }
        if let history = self.scope.history, size > self.scope.limits.outboundBytes / 2 {
            let replay = Replay(messages, until: history.position, shown: shown.next, on: socket)
            return self.answerInPlace(member, on: socket) {
                guard member.isMember(of: self.scope) else { return }
                member.reception.replay()
                self.scope.home.post(to: member.shard) { $0.begin(replay, to: membership, behind: first) }
            }
        }
        let epoch = self.scope.history?.position.epoch ?? ""
        let frames = messages.map { message in
            message.frame(at: message.offset.map { .numbered(StreamPosition(epoch: epoch, offset: $0)) } ?? .early)
        }
        let mode: Membership.PresenceMode =
            switch (self.presence.entry(of: member), member.wantsPresenceDeltas) {
            case (nil, _): .none
            case (_, true): .delta
            case (_, false): .full
            }
        // Presence changes are not in the history, so the member gets the present list.
        let presence = (mode: mode, now: self.presence.now(for: member, mode))
        let isQueued = self.delivery.isBusy && member.reception.isNew(to: socket)
        self.answerInPlace(member, on: socket) {
            // The member may have left before this runs.
            guard member.isMember(of: self.scope) else { return }
            member.reception.start(on: socket)
            self.scope.home.post(to: member.shard) { [number = self.scope.number] in
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
        // The presence changes in the queue are older than this list.
        self.delivery.inOrder(size: 128 + (presence.now?.text.count ?? 0)) {
            guard member.isMember(of: self.scope) else { return }
            self.scope.home.post(to: member.shard) { _ in
                guard membership.channel != nil else { return }
                membership.presence = presence.mode
                if let now = presence.now { membership.connection.send(now) }
            }
        }
    }

    /// Whether a member may lack what the sender of an unnumbered broadcast sent before it.
    private func lacks(_ member: Member, what position: StreamPosition?) -> Bool {
        self.scope.history?.isNumbered == false && member.isBehind(position)
    }

    /// Runs `answer` at once for a socket that is new to the channel: it gets nothing that waits in the send queue. For
    /// a socket that receives already, runs it after everything that was sent before.
    private func answerInPlace(_ member: Member, on socket: Int, _ answer: @escaping () -> Void) {
        if member.reception.isNew(to: socket) {
            self.delivery.receivesFromNow(member)
            answer()
        } else if !self.delivery.isFull {
            self.delivery.inOrder(answer)
        } else {
            answer()
        }
    }

    /// What a member of a channel missed.
    private enum Missed {
        /// All of it, as the member would have received it.
        case whole([ServerMessage])
        /// Not all of it can be sent.
        case impossible
        /// The store did not answer.
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
        case .whole(let broadcasts): self.delivery.messages(broadcasts, to: member).map(Missed.whole) ?? .impossible
        case .impossible: .impossible
        case .unknown: .unknown
        }
    }

    /// Makes a member join again as soon as the store answers.
    ///
    /// Until then the member must not get a numbered broadcast: it would take that for the one after its last.
    private func retryRecovery(of member: Member, _ history: ChannelHistory) {
        // If the numbering is not known yet, its restart makes all members join again.
        guard self.roster.setUnrecovered(member), history.isNumbered else { return }
        history.whenReadable { [weak publisher] in publisher?.cutUnrecovered() }
    }
}

extension UInt64 {
    /// This number as JSON.
    fileprivate var json: JSON { Int64(exactly: self).map(JSON.int) ?? .uint(self) }
}
