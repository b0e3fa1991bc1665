import PondChat
import PondKit

/// Commands that change something; the server itself stands as who did it.
extension AdminActions {
    func ban(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        let channel = try self.optionalRoom(request, 1)
        let now = self.chat.clock.calendar()
        let reason = try self.chat.reason(request.options["reason"])
        try await self.chat.impose(
            Sanction(
                kind: .ban,
                channel: channel,
                user: name,
                until: try self.seconds(request).map { now + .seconds($0) },
                reason: reason,
                by: .server,
                at: now
            )
        )
        if let channel {
            self.chat.pond.channel(ConnectionParameters.endpoint, channel.path)?
                .evict(name.key, reason: reason ?? "banned")
        } else {
            self.chat.pond.disconnect(userId: name.key, code: 4003, reason: reason ?? "banned")
        }
        output.line("\(name) is banned \(channel.map { "from \($0.path)" } ?? "everywhere")")
    }

    func unban(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        guard try await self.chat.lift(.ban, of: name, in: try self.optionalRoom(request, 1)) else {
            throw .notFound("\(name) is not banned there")
        }
        output.line("\(name) may come back")
    }

    func banAddress(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let now = self.chat.clock.calendar()
        let ban = AddressBan(
            range: try self.range(request),
            until: try self.seconds(request).map { now + .seconds($0) },
            reason: try self.chat.reason(request.options["reason"]),
            at: now
        )
        try await self.chat.impose(ban)
        output.line("\(ban.range) is banned")
    }

    func unbanAddress(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let range = try self.range(request)
        guard try await self.chat.lift(range) else { throw .notFound("\(range) is not banned") }
        output.line("\(range) may come back")
    }

    func kick(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        let reason = try self.chat.reason(request.options["reason"]) ?? "kicked"
        let now = self.chat.clock.calendar()
        try await self.chat.make { _ in
            SharedChange(kicked: SharedChange.Kicked(user: name, reason: reason, at: now))
        }
        self.chat.pond.disconnect(userId: name.key, code: 4003, reason: reason)
        output.line("the connections of \(name) are closed")
    }

    func role(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        guard let role = try self.role(named: request.arguments.dropFirst().first) else {
            throw .badRequest("a role is missing: user, moderator or admin")
        }
        try await self.chat.setRole(role, of: name)
        output.line("\(name) is \(role.rawValue)")
    }

    func topic(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let room = try self.room(request)
        let text = request.arguments.dropFirst().joined(separator: " ")
        let topic = try ChatText.line(text, of: "a topic", upTo: ChatLimits.default.topicCharacters)
        try await self.chat.change(room) { $0.topic = topic }
        let changed = TopicChanged(topic: topic, by: .server, at: self.chat.clock.calendar())
        self.chat.pond.channel(ConnectionParameters.endpoint, ChatChannel.lobby(room).path)?
            .broadcast(TopicChanged.event, try changed.payload())
        output.line("the topic of \(room) is set")
    }

    func forget(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let room = try self.room(request)
        let isEmpty = self.chat.rooms.list.rooms.first { $0.room == room }.map { $0.members == 0 } ?? true
        guard isEmpty else { throw .conflict("\(room) has members: it can be forgotten when they have left") }
        // Other servers may know what this one does not.
        let isOne = self.chat.cluster != nil
        if let cluster = self.chat.cluster, let loop = self.chat.pond.loops.first {
            // What was said elsewhere is forgotten, too.
            await cluster.history.visit(ChatTables.key(of: ChatChannel.lobby(room).path), on: loop)
        }
        let made = try await self.chat.make { (tables: ChatTables) throws(SQLiteFault) in
            let isKnown = try tables.number(of: .lobby(room)) != nil
            return isKnown || isOne ? SharedChange(forgotten: room) : nil
        }
        guard made != nil else { throw .notFound("nothing is known of \(room)") }
        await self.chat.store.scrub(words: true)
        output.line("\(room) is forgotten")
    }

    func release(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        let now = self.chat.clock.calendar()
        try await self.chat.make { _ in SharedChange(released: SharedChange.Named(user: name, at: now)) }
        self.chat.cluster?.users.release(name)
        output.line("\(name) is free")
    }

    func erase(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        let owners = try await self.chat.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.owners(of: name)
        }
        let now = self.chat.clock.calendar()
        // Other servers keep the last change of a kind: this one replaces the password that they know.
        try await self.chat.make { _ in SharedChange(released: SharedChange.Named(user: name, at: now)) }
        try await self.chat.make { _ in SharedChange(erased: SharedChange.Named(user: name, at: now)) }
        self.chat.cluster?.users.release(name)
        self.chat.cluster?.reading.forget(name, owners: owners)
        await self.chat.store.scrub(words: true)
        output.line("\(name) is erased; bans and mutes of the name stay, and so do backups that were made before")
    }

    func revoke(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let now = self.chat.clock.calendar()
        if let id = request.options["token"] {
            // No token of ours holds longer than a year, and a foreign one has an end that nobody told.
            let token = SharedChange.Token(id: id, until: now + .seconds(366 * 86_400))
            try await self.chat.make { _ in SharedChange(voided: token) }
            self.chat.closeConnections(ofToken: id)
            return output.line("the token is void")
        }
        let name = try self.name(request)
        try await self.chat.make { (tables: ChatTables) throws(SQLiteFault) in
            let before = try tables.user(name)?.tokensFrom ?? .init(milliseconds: 0)
            return SharedChange(tokensFrom: SharedChange.Named(user: name, at: max(now, before + .milliseconds(1))))
        }
        self.chat.pond.disconnect(userId: name.key, code: 4001, reason: "the token was revoked")
        output.line("all tokens of \(name) are void")
    }

    func trustClock(_ output: AdminOutput) async throws(PondError) {
        let now = self.chat.clock.calendar()
        try await self.chat.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.saveClock(PlausibleClock(latest: now))
        }
        await self.chat.prune()
        output.line("the time is \(LogLine.timestamp(now)); old messages are deleted again")
    }

    func token(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let name = try self.name(request)
        let start = try await self.chat.store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.user(name)?.tokensFrom
        }
        var claims = self.chat.freshClaims(for: name, stay: nil, notBefore: start)
        if let seconds = try self.seconds(request) { claims.expires = claims.issued + .seconds(seconds) }
        claims.role = try self.role(named: request.options["role"])
        output.line(self.chat.tokens.sign(claims))
    }

    func announce(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let text = try ChatText(request.arguments.joined(separator: " ")).string
        let rooms = self.chat.rooms.list.rooms
        for room in rooms { try await self.chat.announce(text, in: .lobby(room.room)) }
        output.line("told \(rooms.count) rooms")
    }
}
