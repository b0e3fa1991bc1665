import PondChat
import PondKit

/// Coming into rooms and conversations, and leaving them.
extension ChatServer {
    func addRooms(to endpoint: Endpoint) throws(PondError) {
        for pattern in [ChatChannel.lobbyPattern, ChatChannel.directPattern] {
            let lobby = try endpoint.createChannel(pattern) { context in try await self.join(context) }
            if let cluster = self.cluster {
                lobby.keepHistory(in: cluster.history)
            } else {
                lobby.keepHistory(in: self.store.history)
            }
            try self.addPrivacy(to: lobby, isDirect: pattern == ChatChannel.directPattern)
            try self.addMessages(to: lobby)
            try self.addHistory(to: lobby)
            try self.addModeration(to: lobby)
            lobby.onLeave { context in self.left(context) }
        }
    }

    private func join(_ context: JoinContext) async throws {
        let session = try self.session(context)
        guard !session.needsPassword else { throw ChatError.passwordNeeded(session.name) }
        let channel = try self.channel(context)
        let options = (try? context.decode(JoinOptions.self)) ?? JoinOptions()
        let statusText = try options.statusText.map { (text) throws(PondError) in
            try ChatText.line(text, of: "a status", upTo: self.chatLimits.statusCharacters)
        }
        try self.check(session, mayJoin: channel)
        try self.take(self.asking, session.name.key, "too many joins")
        let found = try await self.welcome(session, to: channel, history: options.history)
        // Time has passed: somebody may have been banned meanwhile.
        try self.check(session, mayJoin: channel)
        if case .lobby(let room) = channel { try await self.make(room, by: session, remembered: found.room) }
        context.accept()
        let presence = ChatPresence(
            name: session.name,
            status: options.status ?? .online,
            statusText: self.sanctions.isMuted(session.name, in: channel)
                ? nil : statusText.flatMap { $0.isEmpty ? nil : $0 },
            since: self.clock.calendar(),
            role: session.role
        )
        try context.track(Self.object(presence), key: session.name.key)
        context.reply(Welcome.event, try found.welcome.payload())
    }

    /// Throws where a user is not let in.
    private func check(_ session: ChatSession, mayJoin channel: ChatChannel) throws(PondError) {
        try self.sanctions.checkBan(of: session.name, in: channel)
        if case .direct(let pair) = channel, !pair.contains(session.name) {
            throw .forbidden("this conversation is between two others")
        }
    }

    private func welcome(
        _ session: ChatSession,
        to channel: ChatChannel,
        history count: Int?
    ) async throws(PondError) -> (welcome: Welcome, room: StoredRoom?) {
        let name = session.name
        await self.takeMarks(of: name, as: session.owner, in: [channel])
        let limit = min(max(0, count ?? 0), self.chatLimits.pageMessages)
        let visible = session.visible(in: channel)
        let (read, page, stored) = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            var stored: StoredRoom?
            if case .lobby(let room) = channel { stored = try tables.room(room) }
            let page = limit > 0 ? try tables.page(of: channel, at: .latest, count: limit, visible: visible) : nil
            return (try tables.readState(of: name, as: session.owner, in: channel), page, stored)
        }
        var room = stored
        if case .lobby(let name) = channel { room = self.rooms.room(name) ?? stored }
        let welcome = Welcome(
            name: name,
            role: session.role,
            topic: room?.topic ?? "",
            slowSeconds: room?.slowSeconds ?? 0,
            read: read,
            history: page
        )
        return (welcome, stored)
    }

    /// Makes a room that is not there yet, within the limits.
    private func make(_ room: RoomName, by session: ChatSession, remembered: StoredRoom?) async throws(PondError) {
        let configuration = self.configuration
        let (exists, made, isUnique) = self.rooms.admission(of: room)
        guard !exists else { return }
        guard configuration.roomsOnDemand || session.role >= .moderator else { throw .notFound("no such room") }
        // The name of a new room is shown to everyone.
        guard !self.sanctions.isMuted(session.name, in: nil) else {
            throw .forbidden("you are muted: you cannot make a room")
        }
        guard isUnique else { throw .conflict("there is a room whose name looks like \(room)") }
        guard made < configuration.roomLimit else { throw .unavailable("there are too many rooms") }
        try await self.countMaking(of: session)
        if let remembered { self.rooms.put(remembered) }
    }

    /// A user became a member.
    func entered(_ user: User, _ channel: String) {
        guard case .lobby(let room) = ChatChannel(path: channel), let name = self.name(of: user) else { return }
        self.rooms.enter(room, name)
        self.tellDirectorySoon()
    }

    private func left(_ context: LeaveContext) {
        guard case .lobby(let room) = ChatChannel(path: context.channelName), let name = self.name(of: context.user)
        else { return }
        self.rooms.leave(room, name)
        self.tellDirectorySoon()
    }

    /// A member's id is the key of its name.
    private func name(of user: User) -> UserName? { try? UserName(user.id) }

    /// A value as the object of a presence.
    static func object(_ value: some Encodable) throws(PondError) -> JSONObject {
        try Payload(encoding: value).json.object ?? [:]
    }
}
