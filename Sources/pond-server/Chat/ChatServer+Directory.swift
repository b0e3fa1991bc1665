import PondChat
import PondKit

/// The directory: rooms as they change, accounts, who is who.
extension ChatServer {
    private static let coalescing: Duration = .milliseconds(200)

    /// The directory's channel, for what is sent from elsewhere.
    var directory: ChannelHandle? { self.pond.channel(ConnectionParameters.endpoint, ChatChannel.directoryPath) }

    func addDirectory(to endpoint: Endpoint) throws(PondError) {
        let lobby = try endpoint.createChannel(ChatChannel.directoryPath) { context in
            try await self.joinDirectory(context)
        }
        try lobby.onMessage(WhoIsRequest.event) { context in try await self.whoIs(context) }
        try self.addPrivacy(toDirectory: lobby)
        try self.addAccounts(to: lobby)
    }

    private func joinDirectory(_ context: JoinContext) async throws {
        let session = try self.session(context)
        guard context.channelName == ChatChannel.directoryPath else { throw PondError.notFound("no such channel") }
        guard !session.needsPassword else { return context.accept() }
        let name = session.name
        try self.take(self.asking, name.key, "too many joins")
        await self.catchUp(session)
        let waiting = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.unreadConversations(of: name, as: session.owner)
        }
        context.accept()
        context.reply(RoomList.event, try self.rooms.list.payload())
        for notice in waiting {
            context.reply(DirectNotice.event, try notice.payload())
        }
        if self.cluster?.questions.isAway == true {
            context.reply(ServersReachable.event, try ServersReachable(false).payload())
        }
    }

    private func whoIs(_ context: EventContext) async throws {
        let session = try self.session(context)
        guard !session.needsPassword else { throw ChatError.passwordNeeded(session.name) }
        try self.take(self.asking, session.name.key, "too many questions")
        let name = try context.decode(WhoIsRequest.self).user
        let user = try await self.store.read { (tables: ChatTables) throws(SQLiteFault) in try tables.user(name) }
        let (present, devices) = (self.sessions.present(name), self.sessions.devices(of: name))
        let (rooms, role) = (self.rooms.rooms(of: name), self.sessions.role(of: name))
        // What is remembered of a name whose password was taken off is of its last owner.
        let account = user.flatMap { $0.password != nil || self.configuration.authentication == .token ? $0 : nil }
        let elsewhere = await self.cluster?.users.look(name) ?? []
        guard let known = present ?? elsewhere.first?.name ?? account?.name else { throw ChatError.noSuchUser(name) }
        let answer = WhoIs(
            name: known,
            role: role ?? max(elsewhere.map(\.role).max() ?? .user, account?.role ?? .user),
            claimed: account?.password != nil,
            devices: elsewhere.reduce(devices) { $0 + $1.devices },
            rooms: rooms,
            lastSeen: devices > 0 || !elsewhere.isEmpty ? nil : account?.seen
        )
        context.reply(WhoIs.event, try answer.payload())
    }

    /// Makes the rooms of another configuration. A topic that stands there differently than before is set; one that
    /// does not is left to those who moderate.
    func take(_ rooms: [ConfiguredRoom], after before: [ConfiguredRoom]) async throws(PondError) {
        for room in rooms where !before.contains(room) {
            let topic = room.topic
            try await self.change(room.room) { stored in
                stored.permanent = true
                if !topic.isEmpty { stored.topic = topic }
            }
            guard !topic.isEmpty else { continue }
            let changed = TopicChanged(topic: topic, by: .server, at: self.clock.calendar())
            self.pond.channel(ConnectionParameters.endpoint, ChatChannel.lobby(room.room).path)?
                .broadcast(TopicChanged.event, try changed.payload())
        }
    }

    /// Tells the directory of changed rooms, all changes of a short while at once.
    func tellDirectorySoon() {
        guard self.rooms.claimDirectory(), let loop = self.pond.loops.first else { return }
        loop.execute { [weak self] in
            loop.schedule(after: Self.coalescing) { self?.tellDirectory() }
        }
    }

    private func tellDirectory() {
        guard let changes = self.rooms.takeChanges(), let payload = try? changes.payload() else { return }
        self.directory?.broadcast(RoomsChanged.event, payload)
    }
}
