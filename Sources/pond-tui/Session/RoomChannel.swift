internal import PondChat
internal import PondKit

/// One room of a session: turns what its channel tells into events, and requests into messages. Lives on the session's loop.
final class RoomChannel {
    private let room: String
    private let channel: ClientChannel
    private unowned let session: PondChatSession
    private var subscriptions: [ClientSubscription] = []
    /// What the client's ids of unconfirmed messages stand for.
    private var outgoing: [String: Sending] = [:]
    /// Whether the channel was joined before, and whether the client said what became of what was missed since.
    private var wasJoined: Bool
    private var hasRecovery = false
    private var wasWelcomed = false

    private enum Sending {
        /// A message of the outbox, by its id there.
        case message(String)
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
        for case .message(let id) in self.outgoing.values { self.emit(.returned(id: id)) }
        self.outgoing = [:]
        self.channel.leave()
    }

    private func emit(_ event: SessionEvent) { self.session.emit(event) }

    // MARK: Out

    func send(_ message: SessionRequest.OutgoingMessage) {
        do throws(PondError) {
            let event: String
            let payload: Payload
            if let editOf = message.editOf {
                event = EditMessage.event
                payload = try EditMessage(id: try MessageID(editOf), text: message.text).payload()
            } else {
                event = SendMessage.event
                let replyTo: MessageID?
                if let id = message.replyTo { replyTo = try MessageID(id) } else { replyTo = nil }
                let outgoing = SendMessage(
                    id: try MessageID(message.id),
                    text: message.text,
                    kind: message.kind == .action ? .action : nil,
                    replyTo: replyTo
                )
                payload = try outgoing.payload()
            }
            self.outgoing[try self.channel.sendMessage(event, payload)] = .message(message.id)
        } catch {
            self.failed(message.id, error)
        }
    }

    func markRead(_ id: String) {
        if let id = try? MessageID(id) { self.wish(MarkRead(upTo: id), nil) }
    }

    func remove(_ id: String, _ reason: String?) {
        if let id = try? MessageID(id) { self.wish(RemoveMessage(id: id, reason: reason), "the removal") }
    }

    func moderate(_ order: ModerationOrder) {
        do throws(PondError) {
            guard let action = ModerationAction(rawValue: order.action.rawValue) else { return }
            let user: UserName?
            if let nick = order.nick { user = try UserName(nick) } else { user = nil }
            let moderate = Moderate(
                action,
                user: user,
                seconds: order.seconds,
                reason: order.reason,
                role: order.role.flatMap(ChatRole.init),
                everywhere: order.isEverywhere ? true : nil
            )
            self.wish(moderate, order.action.rawValue)
        } catch {
            self.emit(.notice(room: nil, text: error.message))
        }
    }

    func sendTyping() { self.wish(SetTyping(active: true), nil) }
    func sendTopic(_ text: String) { self.wish(SetTopic(topic: text), "the topic") }

    func sendStatus(_ status: Person.Status, _ note: String) {
        self.wish(SetStatus(status: UserStatus(status), statusText: note.isEmpty ? nil : note), "the status")
    }

    /// Sends what needs no place in the outbox; only a refusal with a name is told.
    private func wish(_ payload: some ChatPayload, _ what: String?) {
        guard self.channel.state == .joined, let bytes = try? payload.payload(),
            let id = try? self.channel.sendMessage(type(of: payload).event, bytes)
        else {
            if let what { self.emit(.notice(room: nil, text: "\(what): not possible while the room is not JOINED")) }
            return
        }
        if let what { self.outgoing[id] = .wish(what) }
    }

    func requestHistory(before: String?) {
        let request = HistoryRequest(before: before.flatMap { try? MessageID($0) }, limit: 50)
        self.ask(request) { (room: RoomChannel, page: HistoryPage) in
            let messages = page.messages.compactMap { $0.removedAt == nil ? pond_tui.ChatMessage($0) : nil }
            room.emit(.history(room: room.room, messages, isComplete: !page.hasOlder))
        } failed: { room, error in
            let wait = error.retryAfter.map { Int64($0 * 1_000) }
            room.emit(.historyFailed(room: room.room, reason: error.message, retryAfterMilliseconds: wait))
        }
    }

    func search(_ text: String) {
        self.ask(SearchRequest(query: text, limit: 50)) { (room: RoomChannel, page: SearchPage) in
            room.emit(.found(room: room.room, query: text, page.messages.reversed().map { pond_tui.ChatMessage($0) }))
        } failed: { room, error in
            room.emit(.notice(room: nil, text: "cannot search: \(error.message)"))
        }
    }

    private func ask<Answer: ChatPayload>(
        _ request: some ChatPayload,
        answered: @escaping @Sendable (RoomChannel, Answer) -> Void,
        failed: @escaping @Sendable (RoomChannel, PondError) -> Void
    ) {
        let confined = LoopConfined(self, to: self.session.loop)
        let channel = self.channel
        let loop = self.session.loop
        let event = type(of: request).event
        Task(executorPreference: loop) {
            do throws(PondError) {
                let answer = try Answer(try await channel.sendForResponse(event, try request.payload()))
                loop.execute { answered(confined.value, answer) }
            } catch {
                loop.execute { failed(confined.value, error) }
            }
        }
    }

    // MARK: In

    private func changed(_ status: PondKit.ChannelStatus) {
        let reason: String? =
            switch status.reason {
            case .declined(let error): TextSanitiser.clipped("\(error.code) \(error.message)", to: 500)
            case .evicted: status.reason.description
            default: nil
            }
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

    private func received(_ message: ServerMessage) {
        switch message.event {
        case PondChat.ChatMessage.event:
            guard let chat = try? PondChat.ChatMessage(message.payload) else { return }
            self.emit(.message(room: self.room, pond_tui.ChatMessage(chat, offset: message.offset)))
        case MessageEdited.event: self.edited(message.payload)
        case MessageRemoved.event:
            guard let removed = try? MessageRemoved(message.payload) else { return }
            self.emit(.removed(room: self.room, id: removed.id.text, by: removed.by.text))
        case PondChat.Typing.event:
            guard let typing = try? PondChat.Typing(message.payload), typing.user.text != self.session.nick else {
                return
            }
            if typing.active { self.emit(.typing(room: self.room, name: typing.user.text)) }
        case TopicChanged.event:
            guard let topic = try? TopicChanged(message.payload) else { return }
            let text = TextSanitiser.clipped(topic.topic, to: 500)
            self.emit(.topic(room: self.room, text: text, by: topic.by.text))
        case Welcome.event:
            guard let welcome = try? Welcome(message.payload) else { return }
            self.emit(.topic(room: self.room, text: TextSanitiser.clipped(welcome.topic, to: 500), by: nil))
            self.emit(.read(room: self.room, .init(welcome.read)))
            if welcome.slowSeconds > 0, !self.wasWelcomed {
                self.emit(.notice(room: self.room, text: "slow mode: one message in \(welcome.slowSeconds) s"))
            }
            self.wasWelcomed = true
        case ReadState.event:
            guard let read = try? ReadState(message.payload) else { return }
            self.emit(.read(room: self.room, .init(read)))
        case Moderated.event:
            guard let moderated = try? Moderated(message.payload) else { return }
            self.emit(.notice(room: self.room, text: Self.words(moderated)))
        default: break
        }
    }

    /// `bob may only read for 10 min, by mallory: shouting`
    static func words(_ order: Moderated) -> String {
        let whom = order.user?.text ?? "somebody"
        let span = order.until.map { max(1, ($0.milliseconds - order.at.milliseconds + 500) / 1_000) }
        let time = span.map { " for \(TimeSpan.words(seconds: Int($0)))" } ?? ""
        let what =
            switch order.action {
            case .kick: "\(whom) was put out"
            case .ban: "\(whom) is kept out\(time)"
            case .unban: "\(whom) may come in again"
            case .mute: "\(whom) may only read\(time)"
            case .unmute: "\(whom) may write again"
            case .slow:
                order.seconds.map { $0 > 0 } == true
                    ? "slow mode: one message in \(order.seconds ?? 0) s" : "slow mode is over"
            case .role: "\(whom) is \(order.role?.rawValue ?? "user") now"
            }
        return what + ", by \(order.by.text)" + (order.reason.map { ": \($0)" } ?? "")
    }

    private func edited(_ payload: Payload) {
        guard let edited = try? MessageEdited(payload) else { return }
        let text = TextSanitiser.clipped(edited.text, to: pond_tui.ChatMessage.longestText)
        self.emit(.edited(room: self.room, id: edited.id.text, text: text, author: nil))
    }

    private func outboxChanged(_ message: PondKit.OutgoingMessage) {
        guard let sending = self.outgoing[message.id] else { return }
        switch (message.state, sending) {
        case (.queued, _), (.sending, _): return
        case (.sent, .message(let id)), (.delivered, .message(let id)): self.emit(.delivered(id: id))
        case (.failed(let error), .message(let id)): self.failed(id, error)
        case (.failed(let error), .wish(let what)):
            self.emit(.notice(room: nil, text: "\(what): \(error.message)"))
        case (.sent, .wish), (.delivered, .wish): break
        }
        self.outgoing[message.id] = nil
        // The program's outbox is the one that keeps failed messages.
        if case .failed = message.state { self.channel.dropMessage(message.id) }
    }

    private func failed(_ id: String, _ error: PondError) {
        if error.kind == .closed || (self.isOver && error.kind != .badRequest) {
            self.emit(.returned(id: id))
        } else {
            let wait = error.retryAfter.map { Int64($0 * 1_000) } ?? (error.temporary ? 2_000 : nil)
            let reason = TextSanitiser.clipped("\(error.code) \(error.message)", to: 500)
            self.emit(.refused(id: id, reason: reason, retryAfterMilliseconds: wait))
        }
    }

    private func recovered(_ event: RecoveryEvent) {
        self.hasRecovery = true
        switch event {
        case .recovered(let count): self.emit(.recovered(room: self.room, count: count))
        case .resyncRequired: self.emit(.resync(room: self.room))
        }
    }

    private func person(_ entry: PresenceList.Entry) -> Person? { Person(entry.presence) }
    private func joined(_ entry: PresenceList.Entry) {
        if let person = self.person(entry) { self.emit(.personJoined(room: self.room, person)) }
    }
    private func left(_ entry: PresenceList.Entry) {
        if let person = self.person(entry) { self.emit(.personLeft(room: self.room, name: person.name)) }
    }
    private func updated(_ entry: PresenceList.Entry) {
        if let person = self.person(entry) { self.emit(.personChanged(room: self.room, person)) }
    }
    private func listed(_ entries: [PresenceList.Entry]) {
        self.emit(.people(room: self.room, entries.compactMap { self.person($0) }))
    }
}
