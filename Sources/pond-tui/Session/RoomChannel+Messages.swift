internal import PondChat
internal import PondKit

/// What comes in.
extension RoomChannel {
    func received(_ message: ServerMessage) {
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
            let words = Self.words(moderated)
            if moderated.user?.key == (try? UserName(self.session.nick))?.key,
                moderated.action == .kick || moderated.action == .ban
            {
                self.ownOrder = words
            } else {
                self.emit(.notice(room: self.room, text: words))
            }
        default: break
        }
    }

    /// `bob may only read for 10 min, by mallory: shouting`
    static func words(_ order: Moderated) -> String {
        let whom = order.user?.text ?? "somebody"
        let span = order.until.map { PeerNumber.milliseconds(from: order.at, to: $0) }
        let time = span.map { " for \(TimeSpan.words(milliseconds: $0))" } ?? ""
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

    func edited(_ payload: Payload) {
        guard let edited = try? MessageEdited(payload) else { return }
        let text = TextSanitiser.clipped(edited.text, to: pond_tui.ChatMessage.longestText)
        self.emit(.edited(room: self.room, id: edited.id.text, text: text, author: nil))
    }

    func person(_ entry: PresenceList.Entry) -> Person? { Person(entry.presence) }

    func joined(_ entry: PresenceList.Entry) {
        if let person = self.person(entry) { self.emit(.personJoined(room: self.room, person)) }
    }

    func left(_ entry: PresenceList.Entry) {
        if let person = self.person(entry) { self.emit(.personLeft(room: self.room, name: person.name)) }
    }

    func updated(_ entry: PresenceList.Entry) {
        if let person = self.person(entry) { self.emit(.personChanged(room: self.room, person)) }
    }

    func listed(_ entries: [PresenceList.Entry]) {
        self.emit(.people(room: self.room, entries.compactMap { self.person($0) }))
    }
}
