import PondChat
import PondKit

/// Commands that change nothing.
extension AdminActions {
    func statistics(_ output: AdminOutput) async throws(PondError) {
        let stored = try await self.chat.store.read { (tables: ChatTables) throws(SQLiteFault) in
            let (messages, users, bytes) = try tables.statistics()
            return [("messages", messages), ("claimed names", users), ("database bytes", bytes)]
        }
        let (users, rooms, sessions) = (
            self.chat.sessions.userCount, self.chat.rooms.count, self.chat.sessions.count
        )
        let live = [
            ("connections", self.chat.pond.connectionCount), ("sessions", sessions), ("users", users),
            ("rooms", rooms), ("channels", self.chat.pond.channelCount),
        ]
        for (name, value) in live + stored { output.line("\(name): \(value)") }
    }

    func users(_ output: AdminOutput) async throws(PondError) {
        let users = try await self.chat.store.read { (tables: ChatTables) throws(SQLiteFault) in try tables.users() }
        for user in users {
            let devices = self.chat.sessions.devices(of: user.name)
            let state = devices > 0 ? "here" : "last seen \(LogLine.timestamp(user.seen))"
            output.line("\(user.name) \(user.role.rawValue) \(user.password == nil ? "unclaimed" : "claimed") \(state)")
        }
    }

    func rooms(_ output: AdminOutput) {
        for room in self.chat.rooms.list.rooms {
            output.line("\(room.room) \(room.members) \(room.permanent ? "permanent" : "made by users") \(room.topic)")
        }
    }

    func connections(_ output: AdminOutput) {
        let sessions = self.chat.sessions.all
        for session in sessions.sorted(by: { $0.name < $1.name }) {
            let state = session.needsPassword ? "not identified" : session.role.rawValue
            output.line("\(session.name) \(session.address) \(state) since \(LogLine.timestamp(session.owner.since))")
        }
    }

    func bans(_ output: AdminOutput) {
        let (sanctions, addresses) = (self.chat.sanctions.users, self.chat.sanctions.addresses)
        for sanction in sanctions {
            let place = sanction.channel?.path ?? "everywhere"
            let reason = sanction.reason.map { ": \($0)" } ?? ""
            let end = Self.end(sanction.until)
            output.line("\(sanction.kind.rawValue) \(sanction.user) \(place) \(end) by \(sanction.by)\(reason)")
        }
        for ban in addresses {
            output.line("ban \(ban.range) everywhere \(Self.end(ban.until))\(ban.reason.map { ": \($0)" } ?? "")")
        }
    }

    private static func end(_ time: ChatTime?) -> String {
        time.map { "until \(LogLine.timestamp($0))" } ?? "for ever"
    }

    func export(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        let channel = try self.optionalRoom(request, 0)
        try await self.chat.store.readAtLength { (tables: ChatTables) throws(SQLiteFault) in
            try tables.export(channel) { (line: String) throws(SQLiteFault) in
                guard output.isWanted else { throw SQLiteFault(.closed, message: "nobody reads the export") }
                output.line(line)
            }
        }
    }

    func backup(_ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        guard let file = request.arguments.first, file.hasPrefix("/") else {
            throw .badRequest("the file must be an absolute path, for the server writes it")
        }
        // A copy holds nothing that was taken back before.
        await self.chat.store.scrub(words: true)
        try await self.chat.store.backup(to: file)
        output.line("written: \(file)")
    }

    func check(_ output: AdminOutput) async throws(PondError) {
        let damage = try await self.chat.store.damage()
        guard damage.isEmpty else { throw .internalError("the database is damaged: \(damage.joined(separator: "; "))") }
        output.line("the database is whole")
    }
}
