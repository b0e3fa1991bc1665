import PondChat
import PondKit

/// What makes several pond-servers one: rooms and conversations, names, sanctions, roles, topics, marks and counts are
/// the same on all that share a Redis.
///
/// Redis has the word. The tables of each node follow it, and serve pages and searches; a node's own data folder is
/// therefore no shared one, and one that has been away catches up. While Redis is away every node goes on alone with
/// what it knows.
///
/// Sessions do not move between nodes here: a client whose node died comes in with its token and recovers by number,
/// and as presence stands under the user's name, on whichever node, others see neither leave nor join of whoever is back
/// before the dead node is given up. A session that moved would save a join for each room and cost a write to Redis for
/// each change of one.
final class ChatCluster: Sendable {
    let history: ProjectedHistoryStore
    let questions: SharedQuestions
    let counts: SharedCounts
    let users: SharedUsers
    let reading: SharedReading
    let pending = Lock(PendingMessages())
    /// For the server's options.
    let options: ClusterOptions
    private let facts: SharedFacts
    private let erasures: Erasures
    private let redis: RedisClient
    private let state = Lock(State())

    private struct State {
        weak var chat: (any ClusterMember)?
        var log: SharedLog?
        var loop: EventLoop?
        var own = OwnChanges()
        /// The last change that was heard, or was known when the server started.
        var followed: StreamPosition?
        var lastRooms: SharedRooms?
        var ticks = 0
    }

    private static let journal = HistoryKey(endpoint: "pond-server", channel: "journal")
    /// A node that was away for longer than this reaches back takes what holds from the facts.
    private static let journalBounds = HistoryBounds(
        messages: 20_000,
        bytes: 16 * 1024 * 1024,
        age: .seconds(30 * 86_400)
    )
    private let journalStore: RedisHistoryStore
    private let log: ServerLog
    private let store: ChatStore

    init(_ url: String, topics: ClusterTopics, store: ChatStore, log: ServerLog) throws(PondError) {
        var redisOptions = RedisOptions()
        redisOptions.log = log
        self.redis = try RedisClient(url, options: redisOptions)
        self.options = ClusterOptions(try RedisPubSub(url, options: redisOptions), topics: topics)
        self.questions = SharedQuestions(self.redis)
        self.counts = SharedCounts(self.questions, topics: topics)
        self.users = SharedUsers(self.questions, topics: topics, node: self.options.nodeId)
        self.reading = SharedReading(self.questions, topics: topics)
        self.facts = SharedFacts(self.redis, self.questions, topics: topics)
        let shared = RedisHistoryStore(
            self.redis,
            topics: topics,
            bounds: .lasting,
            transient: [Typing.event, ReadState.event]
        )
        self.journalStore = RedisHistoryStore(self.redis, topics: topics, bounds: Self.journalBounds)
        let history = ProjectedHistoryStore(shared, into: store, reading: self.reading, log: log)
        self.history = history
        self.erasures = Erasures(of: store) { await history.erase($0) }
        self.store = store
        self.log = log
        store.redactions.isShared = true
    }

    private var roomsTopic: String { "\(self.options.topics.prefix):chat:\(self.options.topics.namespace):rooms" }

    /// Begins to hear the others.
    func begin(_ chat: any ClusterMember, on loop: EventLoop) async throws(PondError) {
        let known = await self.store.position(in: Self.journal)
        let log = SharedLog(
            Self.journal,
            after: known,
            in: self.journalStore,
            self.options,
            on: loop,
            receive: { [weak self] entry, position in self?.heard(entry, position) },
            restarted: { [weak self] position in self?.missed(upTo: position) }
        )
        self.history.onRedaction { [erasures] in erasures.soon() }
        self.state.withLock { state in
            state.chat = chat
            state.log = log
            state.loop = loop
            state.followed = known
        }
        for change in await self.store.untold() { self.tell(change.change, id: change.id) }
        self.questions.onChange { [weak chat] isAway in chat?.tellWhetherAlone(isAway) }
        _ = try self.options.pubSub.subscribe(to: self.roomsTopic) { [weak self] signal in
            switch signal {
            case .message(_, let bytes): self?.heardRooms(bytes)
            case .subscribed: self?.tellRooms(always: true)
            case .interrupted: break
            }
        }
        loop.execute { [weak self] in self?.tick(on: loop) }
    }

    func close() async { await self.redis.close() }

    // Changes

    /// Tells all nodes of a change that was made here and is noted in the tables as not yet told.
    func tell(_ change: SharedChange, id: String) {
        var change = change
        change.node = self.options.nodeId
        let told = change
        let (log, loop) = self.state.withLock { state in
            if state.log != nil { state.own.told() }
            return (state.log, state.loop)
        }
        // Before there is a log nothing is lost: what is noted is told when it begins.
        guard let log, let loop, let payload = try? told.payload() else { return }
        log.append(SharedChange.event, payload, id: id) { [weak self] error in
            guard let self else { return }
            guard let error else { return self.store.forgetUntold(id) }
            _ = self.state.withLock { $0.own.heardOwn() }
            self.log.warning("a change did not reach the other nodes yet", ("cause", .string(error.description)))
            loop.schedule(after: .seconds(5)) { [weak self] in self?.tell(told, id: id) }
        }
    }

    private func heard(_ entry: StoredBroadcast, _ position: StreamPosition) {
        guard let chat = self.state.withLock({ $0.chat }), let change = try? SharedChange(entry.payload) else { return }
        let isOwn = change.node == self.options.nodeId
        let isKnown = self.state.withLock { state in
            state.followed = position
            if isOwn { return !state.own.heardOwn() }
            state.own.heardOther()
            return false
        }
        self.facts.keep(change, at: position)
        let redactions = self.store.redactions
        self.store.follow(
            Self.journal,
            position.epoch,
            position.offset,
            then: {
                if isOwn, !isKnown { chat.take(change) }
                if !isOwn { chat.apply(change) }
            },
            { (connection: SQLiteConnection) throws(SQLiteFault) in
                if !isKnown { try ChatTables(connection, redactions).apply(change, isOwn: isOwn) }
            }
        )
    }

    /// The journal does not reach back to what was known here: what holds is taken from the facts.
    private func missed(upTo position: StreamPosition) {
        let (known, loop) = self.state.withLock { state in
            defer { state.followed = position }
            return (state.followed?.epoch == position.epoch ? state.followed?.offset ?? 0 : 0, state.loop)
        }
        Task { await self.takeFacts(after: known, in: position.epoch, isFirst: true) }
        // What was appended just before may not have been among the facts.
        for seconds in [1, 5] {
            loop?.schedule(after: .seconds(seconds)) { [weak self] in
                Task { await self?.takeFacts(after: known, in: position.epoch, isFirst: false) }
            }
        }
    }

    private func takeFacts(after known: UInt64, in epoch: String, isFirst: Bool) async {
        guard let (facts, isSown) = await self.facts.all(epoch: epoch) else {
            let loop = self.state.withLock { $0.loop }
            loop?.schedule(after: .seconds(1)) { [weak self] in
                Task { await self?.takeFacts(after: known, in: epoch, isFirst: isFirst) }
            }
            return
        }
        let news = facts.filter { known == 0 || $0.epoch == epoch && $0.offset > known }.map(\.change)
        guard let chat = self.state.withLock({ $0.chat }) else { return }
        let now = chat.now
        do throws(PondError) {
            let own = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
                for change in news { try tables.apply(change, isOwn: false) }
                return isSown ? [] : try tables.facts(at: now)
            }
            self.state.withLock { $0.own.heardOther() }
            for change in news {
                if isFirst || change.imposed != nil || change.banned != nil {
                    chat.apply(change)
                } else {
                    chat.take(change)
                }
            }
            if !isSown { self.facts.sow(own, epoch: epoch) }
            self.log.info(
                "caught up with the other servers by what holds",
                ("facts", .int(Int64(clamping: news.count)))
            )
        } catch {
            self.log.error("cannot take what holds on the other servers", ("cause", .string(error.description)))
        }
    }

    // Messages on their way

    /// A message is stored, or never will be.
    func settle(_ id: MessageID, in channel: ChatChannel, isStored: Bool) {
        for then in self.pending.withLock({ $0.settled(id, in: channel, isStored: isStored) }) { then() }
    }

    /// Returns when a message is on its way no more: the message, where it is stored.
    func settled(_ id: MessageID, in channel: ChatChannel) async -> ChatMessage? {
        await withCheckedContinuation { continuation in
            let waits = self.pending.withLock { $0.wait(for: id, in: channel) { continuation.resume(returning: $0) } }
            if !waits { continuation.resume(returning: nil) }
        }
    }

    // Rooms

    private func heardRooms(_ bytes: [UInt8]) {
        guard let payload = try? Payload(parsing: bytes), let rooms = try? SharedRooms(payload),
            rooms.node != self.options.nodeId, let chat = self.state.withLock({ $0.chat })
        else { return }
        chat.heard(rooms)
    }

    /// Tells the others who is in which room here, when it changed or it is time.
    func tellRooms(always: Bool = false) {
        guard let chat = self.state.withLock({ $0.chat }) else { return }
        let rooms = SharedRooms(node: self.options.nodeId, rooms: chat.roomsHere)
        let isNews = self.state.withLock { state in
            defer { state.lastRooms = rooms }
            return state.lastRooms != rooms
        }
        guard always || isNews, let payload = try? rooms.payload() else { return }
        try? self.options.pubSub.publish(payload.bytes, to: self.roomsTopic)
    }

    private func tick(on loop: EventLoop) {
        guard let chat = self.state.withLock({ $0.chat }) else { return }
        let ticks = self.state.withLock { state in
            state.ticks += 1
            return state.ticks
        }
        self.questions.watch()
        self.erasures.soon()
        self.tellRooms(always: ticks % 5 == 0)
        chat.forgetSilentServers()
        if ticks % 5 == 0 { self.users.tell(chat.usersHere) }
        loop.schedule(after: .seconds(1)) { [weak self] in self?.tick(on: loop) }
    }
}
