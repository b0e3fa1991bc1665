import PondChat
import PondKit

/// What is done from time to time.
extension ChatServer {
    private static let pruneBite = 2_000
    /// Seconds between two checks of the whole database; the first one runs at the start.
    private static let checkInterval = 6 * 3_600

    func startUpkeep() {
        guard let loop = self.pond.loops.first else { return }
        loop.execute { [weak self] in self?.tick(on: loop, count: 0) }
    }

    private func tick(on loop: EventLoop, count: Int) {
        self.sweep()
        if count % 60 == 0 {
            Task {
                await self.prune()
                await self.store.scrub(words: true)
            }
        } else {
            Task { await self.store.scrub(words: false) }
        }
        if count % 10 == 0 { Task { self.watch.trimMemory() } }
        if count % Self.checkInterval == 0 { Task { await self.checkStore() } }
        loop.schedule(after: .seconds(1)) { [weak self] in self?.tick(on: loop, count: count + 1) }
    }

    /// Ends what is over: tokens, names that nobody came back for, connections that never opened.
    func sweep() {
        let (steady, now) = (self.clock.steady(), self.clock.calendar())
        self.sanctions.sweep()
        let (expired, unopened) = self.sessions.sweep(steady: steady, now: now)
        self.watch.look()
        for id in unopened { self.endSession(id) }
        for connection in expired {
            self.pond.close(connectionId: connection, code: 4001, reason: "the token has expired")
        }
    }

    /// Removes what is older or more than wanted, bite by bite, so that writers get their turn between.
    func prune() async {
        let configuration = self.configuration
        let now = self.clock.calendar()
        let oldest = configuration.historyAge.map { now + (.zero - $0) }
        let count = configuration.historyMessages
        do throws(PondError) {
            let jumpedFrom = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) -> ChatTime? in
                var clock = try tables.clock(at: now)
                guard clock.believes(now) else { return clock.latest }
                try tables.saveClock(clock)
                try tables.forgetEnded(at: now)
                return nil
            }
            self.watch.note(clockJumpedFrom: jumpedFrom, to: now)
            guard jumpedFrom == nil else { return }
            guard oldest != nil || count != nil else { return }
            var total = 0
            while true {
                let removed = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
                    try tables.prune(before: oldest, keeping: count, limit: Self.pruneBite)
                }
                total += removed
                if removed < Self.pruneBite { break }
            }
            if total > 0 { self.log.info("old messages removed", ("count", .int(Int64(total)))) }
        } catch {
            self.log.warning("retention failed", ("cause", .string(error.description)))
        }
    }

    /// Looks for damage that nothing has read yet, so that `/ready` and the log tell of it.
    private func checkStore() async {
        do throws(PondError) {
            guard let first = try await self.store.damage().first else { return }
            self.log.error("the database is damaged: restore a backup", ("cause", .string(first)))
        } catch {
            self.log.warning("the database could not be checked", ("cause", .string(error.description)))
        }
    }

    /// Closes the connections that came in with a token.
    func closeConnections(ofToken id: String) {
        let connections = self.sessions.connections(ofToken: id)
        for connection in connections {
            self.pond.close(connectionId: connection, code: 4001, reason: "the token was revoked")
        }
    }

    /// Says something as the server, for everyone in a channel to hear and to find later.
    func announce(_ text: String, in channel: ChatChannel) async throws(PondError) {
        let message = ChatMessage(
            id: .random(),
            sender: .server,
            at: self.clock.calendar(),
            kind: .notice,
            text: text
        )
        let handle = self.pond.channel(ConnectionParameters.endpoint, channel.path)
        if let handle, handle.isLive {
            handle.broadcast(ChatMessage.event, try message.payload())
        } else if let cluster = self.cluster {
            let key = HistoryKey(endpoint: ConnectionParameters.endpoint, channel: channel.path)
            guard let loop = self.pond.loops.first else { return }
            await cluster.history.say(ChatMessage.event, try message.payload(), in: key, cluster.options, on: loop)
        } else {
            _ = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
                try tables.append(message, to: channel)
            }
        }
    }

    /// Figures of the chat in Prometheus's text format.
    var figures: String {
        let (users, rooms, sessions) = (self.sessions.userCount, self.rooms.count, self.sessions.count)
        let figures = [
            ("pond_chat_users", "Users who are here now.", users), ("pond_chat_rooms", "Rooms.", rooms),
            ("pond_chat_sessions", "Connections that were let in.", sessions),
            ("pond_chat_store_up", "Whether the database can be read and written.", self.store.fault == nil ? 1 : 0),
        ]
        return figures.map { "# HELP \($0.0) \($0.1)\n# TYPE \($0.0) gauge\n\($0.0) \($0.2)\n" }.joined()
    }
}
