/// Answering joins, the first of a member and those with which it comes back.
extension Channel {
    /// Answers a join of a member: the acknowledgement, then what it missed; from there on it hears the channel.
    func answer(_ request: JoinRequest, of member: Member) {
        var answer = JSONObject()
        var frames: [Frame] = []
        if let history = self.history {
            answer["epoch"] = .string(history.position.epoch)
            answer["offset"] = history.position.offset.json
            if let wanted = request.recover {
                let missed = self.missed(by: member, after: wanted, history)
                answer["recovered"] = .bool(missed != nil)
                if let missed {
                    answer["replayed"] = .int(Int64(missed.count))
                    frames = missed
                }
            }
        } else if request.recover != nil {
            answer["recovered"] = false
        }
        let acknowledgement = ServerFrames.acknowledge(
            self.name,
            requestId: request.requestId,
            payload: Payload(answer)
        )
        let mode: Membership.PresenceMode =
            switch (self.presence.entry(of: member.id), member.wantsPresenceDeltas) {
            case (nil, _): .none
            case (_, true): .delta
            case (_, false): .full
            }
        // Presence may have changed while it was away, and nothing else tells what it missed of that.
        let presence = (mode: mode, now: self.presenceNow(for: member, mode))
        let membership = member.membership
        let first = [acknowledgement] + frames
        self.inOrder {
            // It may be gone again by the time that what was sent before it came has left.
            guard member.channel === self else { return }
            member.isHearing = true
            self.home.post(to: member.shard) { [number = self.number] in
                $0.attach(membership, to: number, on: request.socket, first: first, presence: presence)
            }
        }
    }

    /// What a member missed after a position, as it would have heard it; `nil` where not all of that can be sent.
    private func missed(by member: Member, after position: StreamPosition, _ history: ChannelHistory) -> [Frame]? {
        let limit = self.home.core.options.limits.outboundBytes / 2
        guard let broadcasts = history.missed(after: position, member.takePrepared(), maximumBytes: .max) else {
            return nil
        }
        var frames: [Frame] = []
        var bytes = 0
        for broadcast in broadcasts where broadcast.recipients.include(member.userId) {
            let handlers = self.handlers(of: broadcast.event)
            // Nobody can wait here for a handler that suspends.
            if let handlers, handlers.chain.suspends { return nil }
            guard let frame = self.frame(of: broadcast, for: member, handlers, history) else { continue }
            bytes += frame.text.count
            // More than its queue can hold would close the connection, and it would come back to the same.
            guard bytes <= limit else { return nil }
            frames.append(frame)
        }
        return frames
    }

    private typealias OutgoingHandlers = (
        found: EventRoutes<OutgoingContext>.Found, chain: HandlerChain<OutgoingContext>
    )

    /// The outgoing handlers that look at an event.
    private func handlers(of event: String) -> OutgoingHandlers? {
        let handlers = self.lobby.handlers
        guard !handlers.outgoing.isEmpty, let found = handlers.outgoing.find(event) else { return nil }
        return (found, found.chain.behind(handlers.outgoingMiddleware))
    }

    private func frame(
        of broadcast: StoredBroadcast,
        for member: Member,
        _ handlers: OutgoingHandlers?,
        _ history: ChannelHistory
    ) -> Frame? {
        let message = self.message(broadcast)
        let position = StreamPosition(epoch: history.position.epoch, offset: broadcast.offset)
        guard let handlers else { return message.frame(position: position) }
        return self.outgoing(message, to: member, handlers.found, handlers.chain, position: position)
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
