internal import PondChat
internal import PondKit

/// What goes out.
extension RoomChannel {
    func send(_ message: SessionRequest.OutgoingMessage) {
        do throws(PondError) {
            let (event, payload) = try Self.encoded(message)
            self.outgoing[try self.channel.sendMessage(event, payload)] = .message(message)
        } catch {
            self.failed(message, error)
        }
    }

    private static func encoded(
        _ message: SessionRequest.OutgoingMessage
    ) throws(PondError) -> (event: String, payload: Payload) {
        switch message.purpose {
        case .edit(let id):
            return (EditMessage.event, try EditMessage(id: try MessageID(id), text: message.text).payload())
        case .removal(let id, let reason):
            return (RemoveMessage.event, try RemoveMessage(id: try MessageID(id), reason: reason).payload())
        case .message(let kind, let replyTo):
            let answered: MessageID?
            if let replyTo { answered = try MessageID(replyTo) } else { answered = nil }
            let outgoing = SendMessage(
                id: try MessageID(message.id),
                text: message.text,
                kind: kind == .action ? .action : nil,
                replyTo: answered
            )
            return (SendMessage.event, try outgoing.payload())
        }
    }

    /// Takes a message back that waits for the connection.
    func recall(_ id: String) {
        for (request, sending) in self.outgoing {
            guard case .message(let message) = sending, message.id == id else { continue }
            self.outgoing[request] = nil
            self.channel.dropMessage(request)
            self.emit(.returned(id: id))
        }
    }

    func markRead(_ id: String) {
        if let id = try? MessageID(id) { self.wish(MarkRead(upTo: id), nil) }
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
    func wish(_ payload: some ChatPayload, _ what: String?) {
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
            let wait = error.retryAfter.flatMap(PeerNumber.milliseconds(ofSeconds:))
            room.emit(.historyFailed(room: room.room, reason: error.message, retryAfterMilliseconds: wait))
        }
    }

    func search(_ text: String) { self.search(text, before: nil, pages: 20) }

    /// A server may need several pages to come to the first message that fits: so many are asked for.
    private func search(_ text: String, before: MessageID?, pages: Int) {
        self.ask(SearchRequest(query: text, before: before, limit: 50)) { (room: RoomChannel, page: SearchPage) in
            if page.messages.isEmpty, page.hasMore, let next = page.next, pages > 1 {
                return room.search(text, before: next, pages: pages - 1)
            }
            room.emit(.found(room: room.room, query: text, page.messages.reversed().map { pond_tui.ChatMessage($0) }))
        } failed: { room, error in
            room.emit(.notice(room: nil, text: "cannot search: \(error.message)"))
        }
    }

    func ask<Answer: ChatPayload>(
        _ request: some ChatPayload,
        answered: @escaping @Sendable (RoomChannel, Answer) -> Void,
        failed: @escaping @Sendable (RoomChannel, PondError) -> Void
    ) {
        let confined = LoopConfined(self, to: self.session.loop)
        let channel = self.channel
        let loop = self.session.loop
        let event = type(of: request).event
        let session = LoopConfined(self.session, to: loop)
        self.session.asked()
        Task(executorPreference: loop) {
            do throws(PondError) {
                let answer = try Answer(try await channel.sendForResponse(event, try request.payload()))
                loop.execute {
                    session.value.answered()
                    answered(confined.value, answer)
                }
            } catch {
                loop.execute {
                    session.value.answered()
                    failed(confined.value, error)
                }
            }
        }
    }
}
