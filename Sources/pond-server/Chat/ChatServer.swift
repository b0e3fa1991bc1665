import PondChat
import PondKit

/// The chat on a server of channels: who may connect, and what happens in rooms, conversations and the directory.
final class ChatServer: Sendable {
    let pond: PondSocket
    let store: ChatStore
    /// The other servers that this one acts with as one, where there are any.
    let cluster: ChatCluster?
    let log: ServerLog
    let clock: ChatClock
    let passwords: PasswordWorker
    let sessions: ChatSessions
    let rooms = ChatRooms()
    let sanctions: ChatSanctions
    let watch: ChatWatch
    private let settings: Lock<Settings>
    /// How often a user may ask for what costs the store something.
    let asking: TokenBucketRateLimiter
    /// How often a user may search, and the users who search now: each one search at a time.
    let finding = TokenBucketRateLimiter(rate: 2, capacity: 20)
    let searching = Lock<Set<String>>([])
    /// How often passwords may be tried, by address and by name, and names be claimed.
    let guessing: Guessing
    /// How often the status of users may change.
    let showing = Showing()

    struct Showing: Sendable {
        let inRoom = ChatRate("status-room", rate: 20, capacity: 200, "too many changes of status in this room")
        let fromAddress = ChatRate(
            "status-address",
            rate: 10,
            capacity: 100,
            "too many changes of status from your address"
        )
    }

    struct Guessing: Sendable {
        let tokens = ChatRate("guess-token", rate: 0.1, capacity: 5, "too many attempts")
        let addresses = ChatRate("guess-address", rate: 0.1, capacity: 5, "too many passwords from this address")
        let names = ChatRate("guess-name", rate: 0.1, capacity: 5, "too many passwords for this name")
        let everywhere = ChatRate("guess-everywhere", rate: 0.1, capacity: 50, "too many passwords for this name")
        let lastTries = ChatRate("guess-last", rate: 1.0 / 3_600, capacity: 1, "too many passwords for this name")
        let claims = ChatRate("claim", rate: 0.1, capacity: 5, "too many claims from this address")
    }

    /// What a reload may change.
    struct Settings: Sendable {
        var configuration: ServerConfiguration
        var tokens: TokenSigner
        /// How often a user may write, whatever the channel.
        var writing: ChatRate
        /// How often may be written from one address, whatever the names.
        var writingFromAddress: ChatRate
        /// How many rooms a user may make.
        var making: ChatRate
        /// How many rooms may be made from one address, whatever the names.
        var makingFromAddress: ChatRate
        /// How often one address may connect: a name waits for its user, so names must not be taken one after another.
        var arriving: ChatRate

        init(_ configuration: ServerConfiguration, tokens: TokenSigner) {
            self.configuration = configuration
            self.tokens = tokens
            self.writing = ChatRate(
                "write",
                rate: configuration.messagesPerSecond,
                capacity: configuration.messageBurst,
                "you write too fast"
            )
            self.making = ChatRate(
                "make",
                rate: Double(configuration.roomsPerUser) / 3_600,
                capacity: configuration.roomsPerUser,
                "too many new rooms"
            )
            // An address is never slower than one of its users.
            let rate = max(configuration.messagesPerAddress, configuration.messagesPerSecond)
            self.writingFromAddress = ChatRate(
                "write-address",
                rate: rate,
                capacity: max(configuration.messageBurst, Int(2 * rate)),
                "too much is written from your address"
            )
            let rooms = 5 * configuration.roomsPerUser
            self.makingFromAddress = ChatRate(
                "make-address",
                rate: Double(rooms) / 3_600,
                capacity: rooms,
                "too many new rooms from your address"
            )
            let connections = configuration.connectionsPerAddress
            self.arriving = ChatRate(
                "arrive",
                rate: max(1, Double(connections) / 10),
                capacity: 2 * connections,
                "too many connections from this address"
            )
        }

        /// These settings with what the limits counted before, so that a reload forgives nobody.
        func keepingCounts(of earlier: Settings) -> Settings {
            var kept = self
            kept.writing = self.writing.keeping(earlier.writing)
            kept.writingFromAddress = self.writingFromAddress.keeping(earlier.writingFromAddress)
            kept.making = self.making.keeping(earlier.making)
            kept.makingFromAddress = self.makingFromAddress.keeping(earlier.makingFromAddress)
            kept.arriving = self.arriving.keeping(earlier.arriving)
            return kept
        }
    }

    /// Adds the chat to a server that was not started; `begin()` must be called when it was.
    init(
        pond: PondSocket,
        store: ChatStore,
        configuration: ServerConfiguration,
        tokens: TokenSigner,
        log: ServerLog,
        clock: ChatClock = .system,
        cluster: ChatCluster? = nil
    ) throws(PondError) {
        self.pond = pond
        self.store = store
        self.cluster = cluster
        self.log = log
        self.clock = clock
        self.passwords = try PasswordWorker()
        self.sessions = ChatSessions(deviceLimit: configuration.devicesPerUser)
        self.sanctions = ChatSanctions(clock: clock)
        self.watch = ChatWatch(log: log, clock: clock)
        self.settings = Lock(Settings(configuration, tokens: tokens))
        self.asking = TokenBucketRateLimiter(rate: 10, capacity: 60)
        self.guessing = Guessing()
        try self.addEndpoint()
    }

    var configuration: ServerConfiguration { self.settings.withLock { $0.configuration } }
    var tokens: TokenSigner { self.settings.withLock { $0.tokens } }

    /// Counts a message, edit or removal; throws where there are too many of one user, or from one address.
    func countWriting(of session: ChatSession) async throws(PondError) {
        let (user, address) = self.settings.withLock { ($0.writing, $0.writingFromAddress) }
        try await self.take([(user, session.name.key), (address, session.addressKey)])
    }

    /// Counts a new room; throws where there are too many of one user, or from one address.
    func countMaking(of session: ChatSession) async throws(PondError) {
        let (user, address) = self.settings.withLock { ($0.making, $0.makingFromAddress) }
        try await self.take([(user, session.name.key), (address, session.addressKey)])
    }

    /// Counts a connection; throws where there are too many of one address in a short time.
    func countArrival(from address: String) async throws(PondError) {
        try await self.take([(self.settings.withLock { $0.arriving }, AddressRange.limitKey(of: address))])
    }

    /// Takes another configuration from now on, as far as it can change while the server runs.
    func reload(_ configuration: ServerConfiguration, tokens: TokenSigner) async throws(PondError) {
        let before = self.configuration
        self.settings.withLock { $0 = Settings(configuration, tokens: tokens).keepingCounts(of: $0) }
        self.log.change(level: configuration.logLevel, format: configuration.logFormat)
        try await self.take(configuration.rooms, after: before.rooms)
    }

    var chatLimits: ChatLimits {
        var limits = ChatLimits.default
        limits.messageCharacters = self.configuration.messageCharacters
        limits.messageBytes = max(limits.messageBytes, 4 * limits.messageCharacters)
        return limits
    }

    /// The hooks that a server's options must have for the chat to know who comes and goes.
    static func hooks(_ chat: @escaping @Sendable () -> ChatServer?) -> PondHooks {
        var hooks = PondHooks()
        hooks.onConnect = { chat()?.opened($0) }
        hooks.beforeResume = { try chat()?.sanctions.check(address: $0.remoteAddress) }
        hooks.onResume = { chat()?.resumed($0) }
        hooks.onDisconnect = { info, _ in chat()?.closed(info) }
        hooks.afterJoin = { user, channel in chat()?.entered(user, channel) }
        return hooks
    }

    private func addEndpoint() throws(PondError) {
        let endpoint = try self.pond.createEndpoint(ConnectionParameters.endpoint) { context in
            await self.connect(context)
        }
        try self.addRooms(to: endpoint)
        try self.addDirectory(to: endpoint)
    }

    /// Reads what is remembered, and makes the rooms of the configuration.
    func begin() async throws(PondError) {
        let now = self.clock.calendar()
        let configured = self.configuration.rooms
        let (rooms, sanctions, addresses) = try await self.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.refreshSkeletons()
            for room in configured { try tables.ensure(room, at: now) }
            return (
                try tables.rooms().filter(\.permanent), try tables.sanctions(at: now), try tables.addressBans(at: now)
            )
        }
        self.rooms.begin(rooms)
        self.sanctions.begin(sanctions, addresses)
        if let loop = self.pond.loops.first { try await self.cluster?.begin(self, on: loop) }
        self.startUpkeep()
    }

    // For handlers

    /// Who sent a message or wants to join.
    func session(_ context: ChannelContext) throws(PondError) -> ChatSession {
        guard let id = context.connection.assigns[Self.sessionKey]?.string,
            let session = self.sessions.session(id)
        else { throw .unauthorized("the session is over: connect again") }
        return session
    }

    static let sessionKey = "session"

    /// The channel that a message was sent to.
    func channel(_ context: ChannelContext) throws(PondError) -> ChatChannel {
        guard let channel = ChatChannel(path: context.channelName) else {
            throw .notFound("no such channel")
        }
        return channel
    }

    /// Refuses what is done too often.
    func take(_ limiter: TokenBucketRateLimiter, _ key: String, _ what: String) throws(PondError) {
        guard let wait = limiter.take(key, now: self.clock.steady()) else { return }
        throw .rateLimited(what, retryAfter: wait.isFinite ? (wait * 10).rounded(.up) / 10 : 60)
    }
}
