import PondCore

/// What a member sends, handled once and answered.
extension Member {
    func performMessage(_ message: consuming InboundMessage) {
        guard let channel = self.channel else {
            if message.wantsAcknowledgement, let answer = self.extras?.dedupe?.answer(of: message.requestId) {
                self.send(answer)
                return self.finished()
            }
            self.send(ServerFrames.notFound(self.name, requestId: message.requestId))
            return self.finished()
        }
        guard !message.wantsAcknowledgement || self.isFirst(message) else { return self.finished() }
        if channel.delivery.isFull { return self.refuse(message) }
        guard let found = channel.scope.handlers.events.find(message.event) else {
            self.answer(
                message,
                ServerFrames.handlerNotFound(self.name, requestId: message.requestId, event: message.event)
            )
            return self.finished()
        }
        let context = EventContext(member: self, channel: channel, message: message, found: found)
        if !found.chain.suspends, !self.home.core.watchesMessages {
            var failure: (any Error)?
            do { try found.chain.run(context) } catch { failure = error }
            self.home.handlerEnded(
                .message,
                at: self.lobby.endpoint.path,
                "the handler of \(context.eventName) in \(self.lobby.pattern)"
            )
            return self.endMessage(context, failure)
        }
        do {
            try self.options.hooks.beforeMessage?(self.user, self.name, context.eventName)
        } catch {
            return self.endMessage(context, error, of: "beforeMessage hook")
        }
        self.run(found.chain, context, .message, holding: context.message.size) { self.endMessage(context, $0) }
    }

    /// Answers a message with 429 because what the channel sends waits for its outgoing handlers already.
    ///
    /// No handler saw the message, so it may come again under the same id.
    private func refuse(_ message: InboundMessage) {
        if message.wantsAcknowledgement { self.extras?.dedupe?.dropped(message.requestId) }
        let error = PondError.rateLimited("Too many messages of the channel wait to be sent", retryAfter: 1)
        self.send(ServerFrames.failure(self.name, requestId: message.requestId, error))
        self.finished()
    }

    /// Whether a message that is to be acknowledged was not there before; a repeat is answered like the first.
    private func isFirst(_ message: InboundMessage) -> Bool {
        let extras = self.needExtras()
        var window = extras.dedupe ?? self.newWindow()
        extras.dedupe = nil
        let action = window.arrived(message.requestId, now: self.home.now)
        extras.dedupe = window
        switch action {
        case .handle: return true
        case .ignore: break
        case .answer(let frame): self.send(frame)
        case .refuse:
            let error = PondError.rateLimited("Too many messages wait for their acknowledgement", retryAfter: 1)
            self.send(ServerFrames.failure(self.name, requestId: message.requestId, error))
        }
        return false
    }

    /// Sends the answer that a message ends with, and remembers it for a repeat.
    private func answer(_ message: InboundMessage, _ frame: Frame) {
        self.send(frame)
        guard message.wantsAcknowledgement else { return }
        self.extras?.dedupe?.ended(message.requestId, answer: frame, now: self.home.now)
    }

    /// The one place where the handling of a message that has a handler ends, well or badly.
    private func endMessage(_ context: EventContext, _ error: (any Error)?, of place: StaticString = "handler") {
        if let error = error ?? context.refusal {
            self.report(error, "\(place) of \(context.eventName) in \(self.lobby.pattern)")
            self.answer(
                context.message,
                ServerFrames.failure(self.name, requestId: context.requestId, error)
            )
        } else if context.message.wantsAcknowledgement {
            let message = context.message
            if let history = context.channel?.history {
                if let request = context.origin, !context.hasSent { history.handled(request) }
                // What the handler sent is delivered when it is stored; the member's next message need not wait.
                history.whenSettled(context.unsettled) { self.acknowledge(message, $0) }
            } else {
                self.acknowledge(message, nil)
            }
        }
        if self.home.core.watchesMessages {
            self.options.hooks.afterMessage?(self.user, self.name, context.eventName, error)
        }
        self.finished()
    }

    private func acknowledge(_ message: InboundMessage, _ error: PondError?) {
        if let error {
            self.answer(message, ServerFrames.failure(self.name, requestId: message.requestId, error))
        } else {
            self.answer(message, ServerFrames.delivered(self.name, requestId: message.requestId))
        }
    }
}
