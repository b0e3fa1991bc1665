import PondChat
import PondKit

/// What makes several pond-servers one: rooms and conversations, names, sanctions, roles, topics and marks are the same
/// on all that share a Redis.
///
/// Redis has the word. The tables of each node follow it, and serve pages and searches; a node's own data folder is
/// therefore no shared one, and one that has been away catches up.
final class ChatCluster: Sendable {
    let history: ProjectedHistoryStore
    let names: NameLeases
    /// For the server's options.
    let options: ClusterOptions
    private let shared: RedisHistoryStore
    private let redis: RedisClient
    private let state = Lock(State())

    private struct State {
        weak var chat: ChatServer?
        var log: SharedLog?
        var loop: EventLoop?
        var lastRooms: SharedRooms?
        var ticks = 0
    }

    private static let journal = HistoryKey(endpoint: "pond-server", channel: "journal")
    /// A node that was away for longer than this reaches back has missed changes.
    private static let journalBounds = HistoryBounds(
        messages: 100_000,
        bytes: 64 * 1024 * 1024,
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
        self.shared = RedisHistoryStore(
            self.redis,
            topics: topics,
            bounds: .lasting,
            transient: [Typing.event, ReadState.event]
        )
        self.journalStore = RedisHistoryStore(self.redis, topics: topics, bounds: Self.journalBounds)
        self.history = ProjectedHistoryStore(self.shared, into: store, log: log)
        self.names = NameLeases(self.redis, topics: topics)
        self.store = store
        self.log = log
    }

    private var roomsTopic: String { "\(self.options.topics.prefix):chat:\(self.options.topics.namespace):rooms" }

    /// Begins to hear the others.
    func begin(_ chat: ChatServer, on loop: EventLoop) async throws(PondError) {
        let known = await self.store.position(in: Self.journal)
        let log = SharedLog(Self.journal, after: known, in: self.journalStore, self.options, on: loop) {
            [weak self] entry, position in self?.heard(entry, position)
        }
        self.state.withLock { state in
            state.chat = chat
            state.log = log
            state.loop = loop
        }
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

    /// Tells all nodes of a change that was made here.
    func tell(_ change: SharedChange) {
        var change = change
        change.node = self.options.nodeId
        guard let payload = try? change.payload(), let log = self.state.withLock({ $0.log }) else { return }
        log.append(SharedChange.event, payload) { [weak self] error in
            guard let error else { return }
            self?.log.error("a change did not reach the other nodes", ("cause", .string(error.description)))
        }
    }

    private func heard(_ entry: StoredBroadcast, _ position: StreamPosition) {
        guard let chat = self.state.withLock({ $0.chat }), let change = try? SharedChange(entry.payload) else { return }
        let isOwn = change.node == self.options.nodeId
        self.store.follow(
            Self.journal,
            position.epoch,
            position.offset,
            then: { if !isOwn { chat.apply(change) } },
            { (connection: SQLiteConnection) throws(SQLiteFault) in
                if !isOwn { try ChatTables(connection).apply(change) }
            }
        )
    }

    // Rooms

    private func heardRooms(_ bytes: [UInt8]) {
        guard let payload = try? Payload(parsing: bytes), let rooms = try? SharedRooms(payload),
            rooms.node != self.options.nodeId, let chat = self.state.withLock({ $0.chat })
        else { return }
        let now = chat.clock.steady()
        chat.state.withLock { $0.rooms.heard(rooms, now: now) }
        chat.tellDirectorySoon()
    }

    /// Tells the others who is in which room here, when it changed or it is time.
    func tellRooms(always: Bool = false) {
        guard let chat = self.state.withLock({ $0.chat }) else { return }
        let rooms = SharedRooms(node: self.options.nodeId, rooms: chat.state.withLock { $0.rooms.shared })
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
        self.tellRooms(always: ticks % 5 == 0)
        let now = chat.clock.steady()
        if chat.state.withLock({ $0.rooms.forgetSilent(now: now) }) { chat.tellDirectorySoon() }
        if ticks % 15 == 0 { self.names.renew(chat.namesHere) }
        loop.schedule(after: .seconds(1)) { [weak self] in self?.tick(on: loop) }
    }
}
