/// What a member sends, handled once and answered.
extension Member {
    func performMessage(_ message: InboundMessage) {
        guard let channel = self.channel else {
            if message.wantsAcknowledgement, let answer = self.extras?.dedupe?.answer(of: message.requestId) {
                self.send(answer)
                return self.finished()
            }
            self.send(ServerFrames.notFound(self.name, requestId: message.requestId))
            return self.finished()
        }
        guard !message.wantsAcknowledgement || self.isFirst(message) else { return self.finished() }
        let handlers = self.lobby.handlers
        guard let found = handlers.events.find(message.event) else {
            self.answer(
                message,
                ServerFrames.handlerNotFound(self.name, requestId: message.requestId, event: message.event)
            )
            return self.finished()
        }
        do {
            try self.options.hooks.beforeMessage?(self.user, self.name, message.event)
        } catch {
            return self.endMessage(message, in: channel, nil, error)
        }
        let context = EventContext(member: self, channel: channel, message: message, found: found)
        let chain = found.chain.behind(handlers.eventMiddleware)
        if !chain.suspends, !self.core.measures {
            do {
                try chain.run(context)
                self.endMessage(message, in: channel, context, nil)
            } catch {
                self.endMessage(message, in: channel, context, error)
            }
            return
        }
        self.run(chain, context, .message) { self.endMessage(message, in: channel, context, $0) }
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

    /// The one place where a message's handling ends, well or badly; no context where no handler had it.
    private func endMessage(
        _ message: InboundMessage,
        in channel: Channel,
        _ context: EventContext?,
        _ error: (any Error)?
    ) {
        if let error {
            self.report(error, "handler of \(message.event) in \(self.lobby.pattern)")
            self.answer(message, ServerFrames.failure(self.name, requestId: message.requestId, error))
        } else if message.wantsAcknowledgement {
            if let history = channel.history {
                // What the handler sent is delivered when it is stored; the member's next message need not wait.
                history.whenSettled(context?.unsettled ?? []) { self.acknowledge(message, $0) }
            } else {
                self.acknowledge(message, nil)
            }
        }
        self.options.hooks.afterMessage?(self.user, self.name, message.event, error)
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
