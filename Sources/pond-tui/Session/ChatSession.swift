internal import PondKit

/// What carries the chat: takes requests from the main thread and tells events from threads of its own.
protocol ChatSession: AnyObject, Sendable {
    /// Begins something; what comes of it is told as events.
    func perform(_ request: SessionRequest)
    /// Says goodbye; nothing is told any more. Returns when the goodbye is on its way, at most a second later.
    func close()
}

/// A chat with oneself, without any server: for trying keys and looks.
final class LocalSession: ChatSession {
    private let emit: @Sendable (SessionEvent) -> Void
    private let nick: String
    private let now: @Sendable () -> WallTime

    init(nick: String, now: @escaping @Sendable () -> WallTime, emit: @escaping @Sendable (SessionEvent) -> Void) {
        self.nick = nick
        self.now = now
        self.emit = emit
    }

    func perform(_ request: SessionRequest) {
        switch request {
        case .connect, .reconnect:
            self.emit(.connection(.init(state: .connecting, attempt: 1)))
            self.emit(.connection(.init(state: .connected, attempt: 1)))
        case .disconnect: self.emit(.connection(.init(state: .disconnected, reason: "asked to disconnect")))
        case .join(let room):
            self.emit(.channel(room: room, .joining, reason: nil))
            self.emit(.channel(room: room, .joined, reason: nil))
            self.emit(.people(room: room, [Person(name: self.nick)]))
        case .leave(let room): self.emit(.channel(room: room, .closed, reason: nil))
        case .send(let message): self.send(message)
        case .history(let room, _): self.emit(.history(room: room, [], isComplete: true))
        case .topic(let room, let text): self.emit(.topic(room: room, text: text, by: self.nick))
        case .search(let room, let text): self.emit(.found(room: room, query: text, []))
        case .nick(let name): self.emit(.nick(name))
        case .ping: self.emit(.notice(room: nil, text: "there is no server here"))
        case .whois(let name):
            self.emit(.whois(KnownPerson(name: name, isClaimed: false, devices: name == self.nick ? 1 : 0, rooms: [])))
        case .moderate, .identify, .claim: self.emit(.notice(room: nil, text: "there is no server here"))
        case .typing, .status, .markRead, .recall, .fault, .demo: break
        }
    }

    func close() {}

    private func send(_ message: SessionRequest.OutgoingMessage) {
        switch message.purpose {
        case .edit(let id):
            self.emit(.edited(room: message.room, id: id, text: message.text, author: self.nick))
            self.emit(.delivered(id: message.id))
        case .removal(let id, _):
            self.emit(.removed(room: message.room, id: id, by: self.nick))
            self.emit(.delivered(id: message.id))
        case .message(let kind, let replyTo):
            self.emit(
                .message(
                    room: message.room,
                    ChatMessage(
                        id: message.id,
                        author: self.nick,
                        text: message.text,
                        time: self.now(),
                        kind: kind,
                        replyTo: replyTo
                    )
                )
            )
        }
    }
}
