import PondChat
import PondKit

/// Keeping order: topics, kicks, bans, mutes, slow mode, roles.
extension ChatServer {
    func addModeration(to lobby: Lobby) throws(PondError) {
        try lobby.onMessage(SetTopic.event) { context in try await self.setTopic(context) }
        try lobby.onMessage(Moderate.event) { context in try await self.moderate(context) }
    }

    private func setTopic(_ context: EventContext) async throws {
        let session = try self.session(context)
        guard case .lobby(let room) = try self.channel(context) else {
            throw PondError.badRequest("a conversation has no topic")
        }
        let request: SetTopic = try context.decode()
        // A room that users made belongs to those in it.
        let isPermanent = self.rooms.room(room)?.permanent ?? false
        guard session.role >= .moderator || !isPermanent else { throw ChatError.needs(.moderator) }
        let topic = try ChatText.line(request.topic, of: "a topic", upTo: self.chatLimits.topicCharacters)
        try await self.countText(of: session, in: .lobby(room))
        try await self.change(room) { $0.topic = topic }
        let changed = TopicChanged(topic: topic, by: session.name, at: self.clock.calendar())
        context.broadcast(TopicChanged.event, try changed.payload())
    }

    private func moderate(_ context: EventContext) async throws {
        let session = try self.session(context)
        let channel = try self.channel(context)
        let order: Moderate = try context.decode()
        guard case .lobby(let room) = channel else { throw PondError.badRequest("there is no order in a conversation") }
        guard session.role >= .moderator else { throw ChatError.needs(.moderator) }
        // The reason is text that everyone sees.
        if order.reason?.isEmpty == false { try self.sanctions.check(session, mayWriteIn: channel) }
        if order.everywhere == true || order.action == .role {
            guard session.role >= .admin else { throw ChatError.needs(.admin) }
        }
        var told = Moderated(
            order.action,
            by: session.name,
            at: self.clock.calendar(),
            reason: try self.reason(order.reason)
        )
        if order.action == .slow {
            guard let seconds = order.seconds, (0...3_600).contains(seconds) else {
                throw PondError.badRequest("slow mode has 0 to 3600 seconds")
            }
            try await self.change(room) { $0.slowSeconds = seconds }
            told.seconds = seconds
            context.broadcast(Moderated.event, try told.payload())
            return
        }
        guard let user = order.user else { throw PondError.badRequest("user: whom does it concern?") }
        try await self.check(session, mayModerate: user)
        told.user = user
        told.until = try self.end(of: order, from: told.at)
        let place = order.everywhere == true ? nil : channel
        switch order.action {
        case .slow: return
        case .kick: break
        case .ban, .mute:
            try await self.impose(
                Sanction(
                    kind: order.action == .ban ? .ban : .mute,
                    channel: place,
                    user: user,
                    until: told.until,
                    reason: told.reason,
                    by: session.name,
                    at: told.at
                )
            )
        case .unban, .unmute:
            guard try await self.lift(order.action == .unban ? .ban : .mute, of: user, in: place) else {
                throw PondError.notFound("\(user.text) is not \(order.action == .unban ? "banned" : "muted") here")
            }
        case .role:
            guard let role = order.role else { throw PondError.badRequest("role: which one?") }
            try await self.setRole(role, of: user)
            told.role = role
        }
        context.broadcast(Moderated.event, try told.payload())
        self.log.info(
            "moderation",
            ("action", .string(order.action.rawValue)),
            ("user", .string(user.text)),
            ("by", .string(session.name.text)),
            ("channel", .string(context.channelName))
        )
        let reason = told.reason ?? (order.action == .ban ? "banned" : "kicked")
        if order.action == .ban, place == nil {
            self.pond.disconnect(userId: user.key, code: 4003, reason: reason)
        } else if order.action == .kick || order.action == .ban {
            // The broadcast goes out when it is stored; the user reads by whom before they are out. Redis may be away.
            if self.cluster == nil { try await context.stored() }
            context.evict(user.key, reason: reason)
        }
    }

    private func end(of order: Moderate, from now: ChatTime) throws(PondError) -> ChatTime? {
        guard let seconds = order.seconds, order.action == .ban || order.action == .mute else { return nil }
        guard (1...315_360_000).contains(seconds) else { throw .badRequest("seconds: 1 to ten years") }
        return now + .seconds(seconds)
    }

    /// Throws where somebody of at least the same rank is concerned.
    private func check(_ session: ChatSession, mayModerate user: UserName) async throws(PondError) {
        guard user != session.name else { throw .badRequest("that would be you") }
        let online = self.sessions.role(of: user)
        let known = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in try tables.user(user) }
        let elsewhere = await self.cluster?.users.look(user).map(\.role).max()
        // An admin of the configuration is one while they are away, too.
        let hasOwner = known?.password != nil || self.configuration.authentication == .token
        let configured: ChatRole = hasOwner && self.configuration.admins.contains(user) ? .admin : .user
        let role = max(online ?? .user, known?.role ?? .user, elsewhere ?? .user, configured)
        guard session.role > role || session.role == .admin else {
            throw .forbidden("\(user.text) has the same rank as you, or a higher one")
        }
    }

    // Also for operators

    func change(_ room: RoomName, _ body: @escaping @Sendable (inout StoredRoom) -> Void) async throws(PondError) {
        let now = self.clock.calendar()
        let standard = StoredRoom(room: room, topic: "", slowSeconds: 0, permanent: false)
        let known = self.rooms.room(room)
        try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            let remembered = try tables.room(room)
            var stored = known ?? remembered ?? standard
            body(&stored)
            return .save(stored, at: now)
        }
    }

    func impose(_ sanction: Sanction) async throws(PondError) {
        try await self.make { _ in .impose(sanction) }
    }

    func lift(_ kind: Sanction.Kind, of user: UserName, in channel: ChatChannel?) async throws(PondError) -> Bool {
        let made = try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            try tables.lift(kind, of: user, in: channel) ? .lift(kind, of: user, in: channel) : nil
        }
        return made != nil
    }

    /// Bans addresses, and closes every connection that came from them.
    func impose(_ ban: AddressBan) async throws(PondError) {
        try await self.make { _ in .impose(ban) }
    }

    /// Ends a ban of addresses; `false` when there was none.
    func lift(_ range: AddressRange) async throws(PondError) -> Bool {
        let made = try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            try tables.lift(range) ? SharedChange(unbanned: range.description) : nil
        }
        return made != nil
    }

    func setRole(_ role: ChatRole, of user: UserName) async throws(PondError) {
        let now = self.clock.calendar()
        let comesWithToken = self.configuration.authentication == .token
        let made = try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            // A role must not go to whoever takes a free name next.
            let isClaimed = try tables.user(user)?.password != nil
            guard isClaimed || comesWithToken else { return nil }
            return SharedChange(role: SharedChange.Role(user: user, role: role, at: now))
        }
        guard made != nil else {
            throw .conflict("\(user.text) has to claim the name with a password first")
        }
    }
}
