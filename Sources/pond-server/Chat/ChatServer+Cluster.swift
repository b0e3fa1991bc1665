import PondChat
import PondKit

/// Changes that all servers make, and what is asked of the others.
extension ChatServer: ClusterMember {
    var now: ChatTime { self.clock.calendar() }

    var roomsHere: [SharedRooms.Room] { self.rooms.shared }

    func heard(_ rooms: SharedRooms) {
        let now = self.clock.steady()
        self.rooms.heard(rooms, now: now)
        self.tellDirectorySoon()
    }

    func forgetSilentServers() {
        let now = self.clock.steady()
        if self.rooms.forgetSilent(now: now) { self.tellDirectorySoon() }
    }

    /// Makes a change, here and on all servers; `build` says what it is, or `nil` that there is nothing to change.
    @discardableResult
    func make(
        _ build: @escaping @Sendable (ChatTables) throws(SQLiteFault) -> SharedChange?
    ) async throws(PondError) -> SharedChange? {
        let id = self.cluster == nil ? nil : PondID.uuid()
        let made = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) -> SharedChange? in
            guard let change = try build(tables) else { return nil }
            try tables.apply(change)
            if let id { try tables.note(change, untold: id) }
            return change
        }
        guard let made else { return nil }
        self.take(made)
        if let id { self.cluster?.tell(made, id: id) }
        return made
    }

    /// The users who are here.
    var usersHere: [SharedUsers.Presence] { self.sessions.presences }

    /// Takes a change of another server, which the tables have taken, and lets go whom it concerns.
    func apply(_ change: SharedChange) {
        self.take(change)
        if let sanction = change.imposed?.sanction, sanction.kind == .ban {
            self.remove(sanction.user, from: sanction.channel, sanction.reason ?? "banned")
        }
        if let user = change.tokensFrom?.user {
            self.pond.disconnect(userId: user.key, code: 4001, reason: "the token was revoked")
        }
        if let token = change.voided { self.closeConnections(ofToken: token.id) }
        // One that comes late would close what began after it.
        if let kicked = change.kicked, abs(self.clock.calendar().since(kicked.at).inSeconds) < 60 {
            self.pond.disconnect(userId: kicked.user.key, code: 4003, reason: kicked.reason)
        }
    }

    /// Takes a change, which the tables have taken, into what is known from moment to moment.
    func take(_ change: SharedChange) {
        if let sanction = change.imposed?.sanction { self.sanctions.impose(sanction) }
        if let lifted = change.lifted {
            let channel = lifted.channel.flatMap(ChatChannel.init(path:))
            self.sanctions.lift(lifted.isBan ? .ban : .mute, of: lifted.user, in: channel)
        }
        if let ban = change.banned?.ban { self.keepOut(ban) }
        if let range = change.unbanned.flatMap(AddressRange.init) {
            self.sanctions.lift(range)
        }
        if let room = change.room?.stored {
            self.rooms.putExisting(room)
            self.tellDirectorySoon()
        }
        if let room = change.forgotten {
            self.rooms.removeEmpty(room)
            self.tellDirectorySoon()
        }
        if let released = change.released { self.release(released, "the name was released") }
        if let erased = change.erased { self.release(erased, "the user was erased") }
        if let role = change.role { self.changeSessions(of: role.user) { $0.role = role.role } }
        if let password = change.password {
            let isAdmin = self.configuration.admins.contains(password.user)
            self.endSessions(of: password.user, butOf: password.nameOwner)
            self.changeSessions(of: password.user) { session in
                // Somebody else may have the name on another server, while the servers do not reach each other.
                guard session.owner.id == password.nameOwner.id else { return }
                session.claimed = true
                if isAdmin { session.role = .admin }
            }
        }
    }

    /// A name has an owner: whoever has it besides is nobody from here on.
    private func endSessions(of name: UserName, butOf owner: NameOwner) {
        let ended = self.sessions.end(name, exceptOf: owner)
        for connection in ended {
            self.pond.close(connectionId: connection, code: 4001, reason: "the name was claimed by somebody else")
        }
    }

    /// A name is free: whoever had it is nobody from here on, though the connections close a moment later. Whoever took it
    /// since, on a server that heard of it before, keeps it.
    private func release(_ released: SharedChange.Named, _ reason: String) {
        let ended = self.sessions.release(released.user, at: released.at)
        for connection in ended {
            self.pond.close(connectionId: connection, code: 4001, reason: reason)
        }
    }

    /// Bans addresses, and closes every connection that came from them.
    func keepOut(_ ban: AddressBan) {
        self.sanctions.impose(ban)
        for connection in self.sessions.connections(from: ban.range) {
            self.pond.close(connectionId: connection, code: 4003, reason: ban.reason ?? "banned")
        }
    }

    /// Lets a user go who may have come in again before the ban was known here; from everywhere where no channel is named.
    private func remove(_ user: UserName, from channel: ChatChannel?, _ reason: String) {
        guard let channel else { return self.pond.disconnect(userId: user.key, code: 4003, reason: reason) }
        self.pond.channel(ConnectionParameters.endpoint, channel.path)?.evict(user.key, reason: reason)
    }

    private func changeSessions(of user: UserName, _ change: (inout ChatSession) -> Void) {
        guard let role = self.sessions.change(user, change) else { return }
        let rooms = self.rooms.roomsHere(of: user)
        self.cluster?.users.tell(self.usersHere.filter { $0.name == user })
        for room in rooms { self.show(role, of: user, in: .lobby(room)) }
    }

    /// Lets everyone in a room see which role a user has now.
    private func show(_ role: ChatRole, of user: UserName, in channel: ChatChannel) {
        guard let handle = self.pond.channel(ConnectionParameters.endpoint, channel.path) else { return }
        Task {
            guard var presence = await handle.presence().first(where: { $0.key == user.key })?.presence else { return }
            presence["role"] = .string(role.rawValue)
            // Whoever left meanwhile shows nothing.
            try? await handle.updatePresence(presence, for: user.key)
        }
    }

    // Asking

    /// How often something may happen, counted over all servers as far as they can be asked.
    func take(_ limits: [(rate: ChatRate, key: String)]) async throws(PondError) {
        let now = self.clock.steady()
        for limit in limits {
            if let wait = limit.rate.take(limit.key, now: now) { throw Self.refusal(limit.rate, wait) }
        }
        guard let cluster = self.cluster else { return }
        let verdict = await cluster.counts.take(limits.map { $0.rate.bucket(of: $0.key) })
        if case .refused(let bucket, let seconds) = verdict, limits.indices.contains(bucket) {
            throw Self.refusal(limits[bucket].rate, seconds)
        }
    }

    private static func refusal(_ rate: ChatRate, _ wait: Double) -> PondError {
        .rateLimited(rate.refusal, retryAfter: wait.isFinite ? (wait * 10).rounded(.up) / 10 : 60)
    }

    /// The seconds until a user may speak in a room with slow mode, on whichever server they spoke last; `nil` when they
    /// may, and have now spoken.
    func speak(_ user: UserName, in room: RoomName) async -> Double? {
        let now = self.clock.steady()
        let interval = self.rooms.room(room)?.slowSeconds ?? 0
        if interval > 0, let cluster = self.cluster {
            let bucket = SharedCounts.Bucket(
                key: "slow:\(interval):\(room):\(user.key)",
                rate: 1 / Double(interval),
                capacity: 1
            )
            switch await cluster.counts.take([bucket]) {
            case .refused(_, let seconds): return seconds
            case .allowed:
                self.rooms.spoke(room, user, now: now)
                return nil
            case nil: break
            }
        }
        return self.rooms.speak(room, user, now: now)
    }

    /// Lets the tables follow the conversations of a user that went on elsewhere.
    func catchUp(_ session: ChatSession) async {
        let user = session.name
        guard let cluster = self.cluster, let loop = self.pond.loops.first else { return }
        let conversations = await cluster.reading.conversations(of: user)
        guard !conversations.isEmpty else { return }
        let channels = conversations.map(\.channel)
        let known = try? await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try channels.map { (channel) throws(SQLiteFault) in try tables.lastTime(in: channel) }
        }
        for (conversation, last) in zip(conversations, known ?? []) {
            if let last, last >= conversation.last { continue }
            guard !cluster.questions.isAway else { return }
            await cluster.history.visit(
                HistoryKey(endpoint: ConnectionParameters.endpoint, channel: conversation.channel.path),
                on: loop
            )
        }
        await self.takeMarks(of: user, as: session.owner, in: channels)
    }

    /// Takes over how far a user has read on other servers.
    func takeMarks(of user: UserName, as owner: NameOwner, in channels: [ChatChannel]) async {
        guard let cluster = self.cluster else { return }
        let marks = await cluster.reading.marks(of: owner, in: channels)
        guard !marks.isEmpty else { return }
        let news = try? await self.store.read { (tables: ChatTables) throws(SQLiteFault) in
            var news: [ChatChannel: MessageID] = [:]
            for (channel, mark) in marks where try tables.readState(of: user, as: owner, in: channel).upTo != mark {
                news[channel] = mark
            }
            return news
        }
        guard let news, !news.isEmpty else { return }
        _ = try? await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            for (channel, mark) in news { _ = try tables.markRead(mark, by: user, as: owner, in: channel) }
        }
    }

    /// Tells everyone here that other servers can be reached no more, or again.
    func tellWhetherAlone(_ isAlone: Bool) {
        if isAlone {
            self.log.warning("Redis does not answer: this server goes on without the others")
        } else {
            self.log.info("Redis answers again")
            self.cluster?.users.tell(self.usersHere)
        }
        guard let payload = try? ServersReachable(!isAlone).payload() else { return }
        self.directory?.tellHere(ServersReachable.event, payload)
    }
}
