import PondChat
import PondKit

/// Writing: messages, edits, removals, typing, status.
extension ChatServer {
    func addMessages(to lobby: Lobby) throws(PondError) {
        try lobby.onMessage(SendMessage.event) { context in try await self.send(context) }
        try lobby.onMessage(EditMessage.event) { context in try await self.edit(context) }
        try lobby.onMessage(RemoveMessage.event) { context in try await self.remove(context) }
        try lobby.onMessage(SetTyping.event) { context in try self.type(context) }
        try lobby.onMessage(SetStatus.event) { context in try await self.setStatus(context) }
    }

    private func send(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        let request: SendMessage = try context.decode()
        let text = try ChatText(request.text, limits: self.chatLimits).string
        let kind = request.kind ?? .text
        guard kind != .notice else { throw PondError.forbidden("only the server gives notices") }
        try await self.countText(of: session, in: channel)
        let mentions = Mentions.found(in: text, limits: self.chatLimits)
        var reader: String?
        if case .direct(let pair) = channel {
            reader = try await self.addressee(pair.partner(of: session.name), in: channel)
        }
        let message = ChatMessage(
            id: request.id,
            sender: session.name,
            at: self.clock.calendar(),
            kind: kind,
            text: text,
            replyTo: request.replyTo,
            mentions: mentions.isEmpty ? nil : mentions,
            author: session.owner.id,
            reader: reader
        )
        if let cluster = self.cluster { return try await self.send(message, in: channel, context, among: cluster) }
        context.broadcast(ChatMessage.event, try message.payload())
        do throws(PondError) {
            try await context.stored()
        } catch {
            guard error.kind == .conflict else { throw error }
            return try await self.repeated(message, in: channel, context)
        }
        guard let absent = self.absentPartner(of: message, in: channel, context) else { return }
        try await self.notify(absent, of: message, in: channel)
    }

    /// Sends a message that Redis will number. What this user sends next does not wait for that, for Redis may be away;
    /// DELIVERED does.
    private func send(
        _ message: ChatMessage,
        in channel: ChatChannel,
        _ context: EventContext,
        among cluster: ChatCluster
    ) async throws {
        // Redis does not look into messages: whether an id is taken, the tables know, and what is on its way to them.
        waiting: while true {
            switch cluster.pending.withLock({ $0.add(message, to: channel) }) {
            case .sent: break waiting
            case .stored(let known):
                // Where the tables have it, it may have been edited since.
                let now = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
                    try tables.message(message.id, in: channel)
                }
                return try self.answer(message, with: now ?? known, context)
            case .pending:
                guard let known = await cluster.settled(message.id, in: channel) else { continue }
                return try self.answer(message, with: known, context)
            }
        }
        do {
            let isKnown = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
                try tables.message(message.id, in: channel) != nil
            }
            if isKnown {
                cluster.settle(message.id, in: channel, isStored: false)
                return try await self.repeated(message, in: channel, context)
            }
            context.broadcast(ChatMessage.event, try message.payload())
        } catch {
            cluster.settle(message.id, in: channel, isStored: false)
            throw error
        }
        let absent = self.absentPartner(of: message, in: channel, context)
        context.whenStored { [weak self] error in
            cluster.settle(message.id, in: channel, isStored: error == nil)
            guard error == nil, let self, let absent else { return }
            Task {
                let owner = NameOwner(id: message.reader ?? NameOwner.nobody, since: message.at)
                await self.takeMarks(of: absent, as: owner, in: [channel])
                try? await self.notify(absent, of: message, in: channel)
            }
        }
    }

    /// A message whose id is there already: from the same author it is one that was sent twice, for they did not hear
    /// of the first time; the others did.
    private func repeated(_ message: ChatMessage, in channel: ChatChannel, _ context: EventContext) async throws {
        let known = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.message(message.id, in: channel)
        }
        guard let known else { throw ChatError.messageIDTaken }
        try self.answer(message, with: known, context)
    }

    private func answer(_ message: ChatMessage, with known: ChatMessage, _ context: EventContext) throws {
        guard known.sender == message.sender, known.author == message.author else { throw ChatError.messageIDTaken }
        context.reply(ChatMessage.event, try known.payload())
    }

    /// The other one of a conversation, where they are not there.
    private func absentPartner(
        of message: ChatMessage,
        in channel: ChatChannel,
        _ context: EventContext
    ) -> UserName? {
        guard case .direct(let pair) = channel else { return nil }
        let partner = pair.partner(of: message.sender)
        return context.getUser(partner.key) == nil ? partner : nil
    }

    /// Tells the other one of a conversation who is not there.
    private func notify(_ partner: UserName, of message: ChatMessage, in channel: ChatChannel) async throws {
        let owner = NameOwner(id: message.reader ?? NameOwner.nobody, since: message.at)
        let unread = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.readState(of: partner, as: owner, in: channel).unread
        }
        let notice = DirectNotice(with: message.sender, unread: unread, last: message)
        self.directory?.broadcastTo([partner.key], DirectNotice.event, try notice.payload())
    }

    private func edit(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        let request: EditMessage = try context.decode()
        let text = try ChatText(request.text, limits: self.chatLimits).string
        try await self.countText(of: session, in: channel)
        let mentions = Mentions.found(in: text, limits: self.chatLimits)
        let now = self.clock.calendar()
        let message = try await self.message(request.id, in: channel)
        guard session.owns(message) else { throw PondError.forbidden("only its author may edit a message") }
        let edited = MessageEdited(
            id: request.id,
            text: text,
            mentions: mentions.isEmpty ? nil : mentions,
            at: now,
            parties: channel.isLobby ? nil : MessageParties(of: message)
        )
        context.broadcast(MessageEdited.event, try edited.payload())
        try await self.stored(context, request.id)
    }

    private func remove(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        let request: RemoveMessage = try context.decode()
        try await self.countWriting(of: session)
        let reason = try self.reason(request.reason)
        if reason != nil { try self.sanctions.check(session, mayWriteIn: channel) }
        let isModerator = session.role >= .moderator && channel.isLobby
        let message = try await self.message(request.id, in: channel)
        guard isModerator || session.owns(message) else {
            throw PondError.forbidden("only its author or a moderator may remove a message")
        }
        let removed = MessageRemoved(
            id: request.id,
            by: session.name,
            at: self.clock.calendar(),
            reason: reason,
            parties: channel.isLobby ? nil : MessageParties(of: message)
        )
        context.broadcast(MessageRemoved.event, try removed.payload())
        try await self.stored(context, request.id)
    }

    /// A message that is there and not removed.
    private func message(_ id: MessageID, in channel: ChatChannel) async throws(PondError) -> ChatMessage {
        // One that is shown while Redis is away is in no table yet.
        if let pending = self.cluster?.pending.withLock({ $0.message(id, in: channel) }) { return pending }
        let message = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.message(id, in: channel)
        }
        guard let message, message.removedAt == nil else { throw ChatError.noSuchMessage(id) }
        return message
    }

    /// Returns when a change of a message is stored; somebody else may have removed it meanwhile.
    private func stored(_ context: EventContext, _ id: MessageID) async throws(PondError) {
        // Redis breaks no rules, and may be away: what the user does next does not wait for it.
        guard self.cluster == nil else { return }
        do throws(PondError) {
            try await context.stored()
        } catch {
            throw error.kind == .conflict ? ChatError.noSuchMessage(id) : error
        }
    }

    private func type(_ context: EventContext) throws {
        let session = try self.session(context)
        let request: SetTyping = try context.decode()
        try self.sanctions.check(session, mayWriteIn: try self.channel(context))
        // A notice too many is not worth an error.
        guard self.asking.take("typing:\(session.name.key)", now: self.clock.steady()) == nil else { return }
        context.broadcastFrom(Typing.event, try Typing(user: session.name, active: request.active).payload())
    }

    private func setStatus(_ context: EventContext) async throws {
        let session = try self.session(context)
        let request: SetStatus = try context.decode()
        let text = try ChatText.line(request.statusText ?? "", of: "a status", upTo: self.chatLimits.statusCharacters)
        let channel = try self.channel(context)
        if text.isEmpty {
            try await self.countWriting(of: session)
        } else {
            try await self.countText(of: session, in: channel)
        }
        // Every change goes to every member.
        try await self.take([
            (self.showing.inRoom, channel.path), (self.showing.fromAddress, session.addressKey),
        ])
        var presence = context.user.presence ?? [:]
        presence["status"] = .string(request.status.rawValue)
        presence["statusText"] = text.isEmpty ? nil : .string(text)
        try context.updatePresence(presence)
    }

    /// The one check of everything with which a user shows text to others, be it a message, an edit, a status or a
    /// topic: bans, mutes, rates and slow mode.
    func countText(of session: ChatSession, in channel: ChatChannel) async throws(PondError) {
        try self.sanctions.check(session, mayWriteIn: channel)
        try await self.countWriting(of: session)
        guard case .lobby(let room) = channel, session.role < .moderator else { return }
        if let wait = await self.speak(session.name, in: room) { throw ChatError.slowMode(retryAfter: wait) }
    }

    func reason(_ raw: String?) throws(PondError) -> String? {
        let reason = try ChatText.line(raw ?? "", of: "a reason", upTo: self.chatLimits.reasonCharacters)
        return reason.isEmpty ? nil : reason
    }
}

extension ChatChannel {
    /// Whether everyone may join it.
    var isLobby: Bool { if case .lobby = self { true } else { false } }
}
