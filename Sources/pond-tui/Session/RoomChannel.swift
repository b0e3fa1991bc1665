internal import PondChat
internal import PondKit

/// One room of a session: turns what its channel tells into events, and requests into messages. Lives on the session's loop.
final class RoomChannel {
    let room: String
    let channel: ClientChannel
    unowned let session: PondChatSession
    var subscriptions: [ClientSubscription] = []
    /// What the client's ids of unconfirmed messages stand for.
    var outgoing: [String: Sending] = [:]
    /// Whether the channel was joined before, and whether the client said what became of what was missed since.
    var wasJoined: Bool
    var hasRecovery = false
    var wasWelcomed = false
    /// Who puts us out and why, until the server does.
    var ownOrder: String?

    enum Sending {
        /// An entry of the program's outbox.
        case message(SessionRequest.OutgoingMessage)
        /// Something else, in words for when it fails.
        case wish(String)
    }

    /// A room; `isAgain` when it was joined before, over another client: then what was missed is asked for.
    init(room: String, channel: ClientChannel, session: PondChatSession, isAgain: Bool) {
        self.wasJoined = isAgain
        self.room = room
        self.channel = channel
        self.session = session
    }

    /// Whether the channel has ended, so that a new one is needed.
    var isOver: Bool { self.channel.state == .closed || self.channel.state == .declined }

    /// Whether the room was left, or we were put out of it.
    var isLeft: Bool { self.channel.state == .closed }

    func join() {
        let confined = LoopConfined(self, to: self.session.loop)
        self.subscriptions = [
            self.channel.onChannelStateChange { confined.value.changed($0) },
            self.channel.onMessage { confined.value.received($0) },
            self.channel.onOutboxChange { confined.value.outboxChanged($0) },
            self.channel.onRecovery { confined.value.recovered($0) },
            self.channel.onJoin { confined.value.joined($0) },
            self.channel.onLeave { confined.value.left($0) },
            self.channel.onPresenceChange { confined.value.updated($0) },
            self.channel.onUsersChange { confined.value.listed($0) },
        ]
        self.channel.join()
    }

    /// Leaves, and tells that.
    func leave() { self.channel.leave() }

    /// Leaves without a word to the program.
    func close() {
        for subscription in self.subscriptions { subscription.unsubscribe() }
        self.subscriptions = []
        for case .message(let message) in self.outgoing.values { self.emit(.returned(id: message.id)) }
        self.outgoing = [:]
        self.channel.leave()
    }

    func emit(_ event: SessionEvent) { self.session.emit(event) }

    // MARK: In

    func changed(_ status: PondKit.ChannelStatus) {
        let reason: String? =
            switch status.reason {
            case .declined(let error): TextSanitiser.clipped("\(error.code) \(error.message)", to: 500)
            case .evicted(let why):
                self.ownOrder
                    ?? TextSanitiser.clipped("put out by the server" + (why.isEmpty ? "" : ": \(why)"), to: 500)
            default: nil
            }
        // An order that put us out of no room is told like any other.
        if let order = self.ownOrder, status.state != .closed { self.emit(.notice(room: self.room, text: order)) }
        self.ownOrder = nil
        let state = ChannelState(rawValue: status.state.rawValue) ?? .idle
        self.emit(.channel(room: self.room, state, reason: reason))
        guard state == .joined else { return }
        defer { self.wasJoined = true }
        guard self.wasJoined else { return }
        // A server without recovery says nothing: then what was missed is asked for.
        self.hasRecovery = false
        let confined = LoopConfined(self, to: self.session.loop)
        self.session.loop.atEndOfTurn {
            let room = confined.value
            if !room.hasRecovery { room.emit(.resync(room: room.room)) }
        }
    }

    func outboxChanged(_ message: PondKit.OutgoingMessage) {
        guard let sending = self.outgoing[message.id] else { return }
        switch (message.state, sending) {
        case (.queued, _), (.sending, _): return
        case (.sent, .message(let message)), (.delivered, .message(let message)):
            self.emit(.delivered(id: message.id))
        case (.failed(let error), .message(let message)): self.failed(message, error)
        case (.failed(let error), .wish(let what)):
            self.emit(.notice(room: nil, text: "\(what): \(error.message)"))
        case (.sent, .wish), (.delivered, .wish): break
        }
        self.outgoing[message.id] = nil
        // The program's outbox is the one that keeps failed messages.
        if case .failed = message.state { self.channel.dropMessage(message.id) }
    }

    func failed(_ message: SessionRequest.OutgoingMessage, _ error: PondError) {
        if error.kind == .closed || (self.isOver && error.kind != .badRequest) {
            self.emit(.returned(id: message.id))
        } else if case .removal = message.purpose, error.code == 404 {
            // Taken away already: by the same request before a restart, or by somebody else.
            self.emit(.delivered(id: message.id))
        } else {
            let wait = error.retryAfter.flatMap(PeerNumber.milliseconds(ofSeconds:)) ?? (error.temporary ? 2_000 : nil)
            let reason = TextSanitiser.clipped("\(error.code) \(error.message)", to: 500)
            // Only the answer that the server will not take it says that the server does not have it.
            let isCertain = (400..<500).contains(error.code) && error.code != 408
            self.emit(
                .refused(id: message.id, reason: reason, retryAfterMilliseconds: wait, isCertain: isCertain)
            )
        }
    }

    func recovered(_ event: RecoveryEvent) {
        self.hasRecovery = true
        switch event {
        case .recovered(let count): self.emit(.recovered(room: self.room, count: count))
        case .resyncRequired: self.emit(.resync(room: self.room))
        }
    }
}
