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
        if count % 10 == 0 { Task { self.trimMemory() } }
        if count % Self.checkInterval == 0 { Task { await self.checkStore() } }
        loop.schedule(after: .seconds(1)) { [weak self] in self?.tick(on: loop, count: count + 1) }
    }

    /// Ends what is over: tokens, names that nobody came back for, connections that never opened.
    func sweep() {
        let (steady, now) = (self.clock.steady(), self.clock.calendar())
        let (expired, unopened) = self.state.withLock { state in
            state.names.sweep(now: steady)
            state.sanctions.sweep(at: now)
            state.addressBans.sweep(at: now)
            var (expired, unopened) = ([String](), [String]())
            for (id, session) in state.sessions {
                if session.connectionID == nil, steady - session.accepted > .seconds(60) { unopened.append(id) }
                guard session.endsWithToken, let end = session.tokenExpires, end <= now else { continue }
                if let connection = session.connectionID { expired.append(connection) }
            }
            return (expired, unopened)
        }
        self.logSkippedLines(now: steady)
        if let warning = self.state.withLock({ $0.descriptors.warning(now: steady) }) { self.log.warning(warning) }
        for id in unopened { self.endSession(id) }
        for connection in expired {
            self.pond.close(connectionId: connection, code: 4001, reason: "the token has expired")
        }
    }

    /// Tells how many refused connections and wrong passwords were not logged one by one.
    private func logSkippedLines(now: MonotonicTime) {
        let (refused, wrong) = self.state.withLock { state in
            (state.refusedLines.takeSkipped(now: now), state.wrongPasswordLines.takeSkipped(now: now))
        }
        if let refused { self.log.info("more connections refused", ("count", .int(Int64(refused)))) }
        if let wrong { self.log.warning("more wrong passwords", ("count", .int(Int64(wrong)))) }
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
            self.note(clockJumpedFrom: jumpedFrom, to: now)
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

    /// Tells once that the clock cannot be believed, and once that it can again.
    private func note(clockJumpedFrom latest: ChatTime?, to now: ChatTime) {
        let before = self.state.withLock { state in
            defer { state.clockJumpedFrom = latest }
            return state.clockJumpedFrom
        }
        if let latest, before == nil {
            self.log.error(
                "the clock jumped, so nothing is deleted: set it, or confirm it by `pond-server admin trust-clock`",
                ("last", .string(LogLine.timestamp(latest))),
                ("now", .string(LogLine.timestamp(now)))
            )
        } else if latest == nil, before != nil {
            self.log.info("the clock is plausible again, old messages are deleted")
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

    /// Gives memory back to the kernel that a burst left unused.
    private func trimMemory() {
        let now = self.clock.steady()
        let (resident, used) = (MemoryTrimmer.Heap.resident, MemoryTrimmer.Heap.used)
        guard self.state.withLock({ $0.memory.isDue(resident: resident, used: used, now: now) }) else { return }
        let given = MemoryTrimmer.Heap.trim()
        self.state.withLock { $0.memory.gave(given) }
        self.log.debug("memory given back", ("bytes", .int(Int64(clamping: given))))
    }

    /// The last plausible time, while the clock shows one that is not.
    var clockJumpedFrom: ChatTime? { self.state.withLock { $0.clockJumpedFrom } }

    /// Closes the connections that came in with a token.
    func closeConnections(ofToken id: String) {
        let connections = self.state.withLock { state in
            state.sessions.values.filter { $0.tokenID == id }.compactMap(\.connectionID)
        }
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
        let (users, rooms, sessions) = self.state.withLock { ($0.names.count, $0.rooms.count, $0.sessions.count) }
        let figures = [
            ("pond_chat_users", "Users who are here now.", users), ("pond_chat_rooms", "Rooms.", rooms),
            ("pond_chat_sessions", "Connections that were let in.", sessions),
            ("pond_chat_store_up", "Whether the database can be read and written.", self.store.fault == nil ? 1 : 0),
        ]
        return figures.map { "# HELP \($0.0) \($0.1)\n# TYPE \($0.0) gauge\n\($0.0) \($0.2)\n" }.joined()
    }
}
