import Glibc
import PondChat
import PondKit

/// A running pond-server, from its configuration to its end.
final class ServerProcess: Sendable {
    let configuration: ServerConfiguration
    let log: ServerLog
    let pond: PondSocket
    let chat: ChatServer
    let store: ChatStore
    private let folder: DataFolder?
    private let tls: TLSServer?
    private let cluster: ChatCluster?
    private let metrics: PrometheusMetrics
    private let isStopping = Lock(false)

    /// Opens everything that serving needs; says what cannot be had.
    init(_ configuration: ServerConfiguration, log: ServerLog) throws(StartFailure) {
        self.configuration = configuration
        self.log = log
        self.tls = try ServerFiles.tls(configuration)
        self.folder = configuration.inMemory ? nil : try DataFolder(configuration.dataFolder)
        for notice in self.folder?.notices ?? [] { log.warning(notice) }
        let signer = try Self.signer(configuration, self.folder)
        do throws(SQLiteFault) {
            self.store = try ChatStore(self.folder.map { .file($0.database) } ?? .memory)
        } catch {
            throw StartFailure(.dataFolder, "cannot use \(self.folder?.database ?? "memory"): \(error.message)")
        }
        self.cluster = try Self.cluster(configuration, self.store, log)
        let metrics = PrometheusMetrics()
        self.metrics = metrics
        let holder = Lock<ChatServer?>(nil)
        var options = PondOptions()
        options.log = log
        options.metrics = metrics
        options.allowedOrigins = configuration.origins
        options.trustedProxies = configuration.trustedProxies
        options.limits = Self.limits(configuration)
        options.hooks = ChatServer.hooks { holder.withLock { $0 } }
        options.cluster = self.cluster?.options
        self.pond = PondSocket(options: options)
        do throws(PondError) {
            self.chat = try ChatServer(
                pond: self.pond,
                store: self.store,
                configuration: configuration,
                tokens: signer,
                log: log,
                cluster: self.cluster
            )
        } catch {
            throw StartFailure(.failed, error.message)
        }
        holder.withLock { [chat] in $0 = chat }
    }

    /// What works and should be changed; asks the Redis of the configuration.
    static func warnings(of configuration: ServerConfiguration) async -> [String] {
        guard let url = configuration.redis else { return [] }
        guard let redis = try? RedisClient(url) else { return ["redis: the address cannot be used"] }
        let durability = await RedisDurability.ask(SharedQuestions(redis, patience: .seconds(3)))
        await redis.close()
        return (durability?.warnings ?? ["it does not answer, so its durability is not known"]).map { "redis: \($0)" }
    }

    private static func signer(
        _ configuration: ServerConfiguration,
        _ folder: DataFolder?
    ) throws(StartFailure) -> TokenSigner {
        if let file = configuration.tokenSecretFile { return try TokenSecrets.signer(file: file) }
        if let folder { return try TokenSecrets.signer(in: folder) }
        return try TokenSecrets.signerInMemory()
    }

    private static func cluster(
        _ configuration: ServerConfiguration,
        _ store: ChatStore,
        _ log: ServerLog
    ) throws(StartFailure) -> ChatCluster? {
        guard let url = configuration.redis else { return nil }
        do throws(PondError) {
            let topics = ClusterTopics(prefix: "pond", namespace: configuration.redisNamespace)
            return try ChatCluster(url, topics: topics, store: store, log: log)
        } catch {
            throw StartFailure(.configuration, error.message)
        }
    }

    private static func limits(_ configuration: ServerConfiguration) -> Limits {
        var limits = Limits.default
        limits.connections = configuration.connectionLimit
        limits.connectionsPerAddress = configuration.connectionsPerAddress
        // A chat message is small; what is larger has no business here.
        limits.messageBytes = max(64 * 1024, 16 * configuration.messageCharacters)
        limits.inflatedBytes = limits.messageBytes
        limits.sseBodyBytes = limits.messageBytes
        // Our clients ask for changes of presence alone; full lists are for others, and are not to cost more than the chat.
        limits.presenceListBytesPerSecond = 16 * 1024 * 1024
        // A user writes less; a device also asks, marks, joins and tells that it types.
        limits.messagesPerSecond = max(200, 2 * configuration.messagesPerSecond)
        limits.messageBurst = max(1_000, 2 * configuration.messageBurst)
        return limits
    }

    /// Serves, and says where.
    func start() async throws(StartFailure) -> SocketAddress {
        let threads = self.configuration.threads > 0 ? self.configuration.threads : Self.processors
        self.pond.start(threads: threads)
        do throws(PondError) {
            try await self.chat.begin()
        } catch {
            throw StartFailure(.dataFolder, "cannot use the store: \(error.underlying ?? error.message)")
        }
        let routes = PlainRoutes(
            metrics: self.metrics,
            obstacle: { [weak self] in if let self { self.obstacle } else { "stopped" } },
            // A server without the others still serves its users: taking it out would leave them with none.
            remark: { [cluster = self.cluster, chat = self.chat] in
                if cluster?.questions.isAway == true { return "the other servers cannot be reached" }
                return chat.watch.clockJumpedFrom == nil ? nil : "the clock jumped, so nothing is deleted"
            },
            figures: { [weak self] in
                guard let self else { return "" }
                guard let cluster = self.cluster, let statistics = self.pond.clusterStatistics else {
                    return self.chat.figures
                }
                let answers = !cluster.questions.isAway
                return self.chat.figures + ClusterFigures(statistics: statistics, answers: answers).text
            },
            metricsAddresses: { [weak self] in self?.chat.configuration.metricsAddresses ?? [] }
        )
        do throws(PondError) {
            return try await self.pond.listen(
                host: self.configuration.host,
                port: self.configuration.port,
                tls: self.tls,
                routes: { routes.answer($0) }
            )
        } catch {
            throw StartFailure(.address, error.message)
        }
    }

    /// Takes an operator's commands, where there is a data folder to meet in.
    func startAdmin() throws(StartFailure) -> AdminServer? {
        guard let folder = self.folder else { return nil }
        let actions = AdminActions(chat: self.chat)
        guard let server = AdminServer(folder.adminSocket, answer: { await actions.answer($0, $1) }) else {
            throw StartFailure(.dataFolder, "cannot make \(folder.adminSocket): \(DataFolder.lastError)")
        }
        return server
    }

    private static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// What keeps the server from taking part; `nil` when nothing does.
    private var obstacle: String? {
        if self.isStopping.withLock({ $0 }) { return "stopping" }
        return self.store.fault.map { "the store: \($0.kind)" }
    }

    /// Takes another configuration, and reads certificates and secrets again; a fault leaves what was.
    func reload(_ configuration: ServerConfiguration) async {
        let before = self.chat.configuration
        do throws(StartFailure) {
            let signer = try Self.signer(configuration, self.folder)
            if let tls = self.tls {
                do throws(PondError) { try tls.reload() } catch { throw StartFailure(.configuration, error.message) }
            }
            // Without a file, tokens of this process go on to hold.
            let keepsTokens = configuration.tokenSecretFile == nil && self.folder == nil
            do throws(PondError) {
                try await self.chat.reload(configuration, tokens: keepsTokens ? self.chat.tokens : signer)
            } catch {
                throw StartFailure(.failed, "rooms: \(error.message)")
            }
            let late = ConfigurationOption.all.filter { $0.needsRestart && $0.show(before) != $0.show(configuration) }
            if !late.isEmpty {
                let names = late.map(\.name).joined(separator: ", ")
                self.log.warning("some options change with a restart only", ("options", .string(names)))
            }
            self.log.info("configuration reloaded")
        } catch {
            self.log.error("the configuration was not reloaded", ("cause", .string(error.message)))
        }
    }

    /// Lets clients go in their own time, stores what is under way, and ends.
    func stop() async {
        let already = self.isStopping.withLock { isStopping in
            defer { isStopping = true }
            return isStopping
        }
        guard !already else { return }
        self.log.info("stopping", ("connections", .int(Int64(self.pond.connectionCount))))
        await self.pond.stop(drain: self.chat.configuration.drainTime)
        await self.cluster?.close()
        await self.store.close()
        self.log.info("stopped")
    }

    /// What is printed when the server listens.
    func greeting(_ address: SocketAddress) -> String {
        let secure = self.tls != nil
        // Nobody vouches for a certificate of its own making.
        let trust = self.chat.configuration.selfSigned ? "--insecure " : ""
        let place = "\(address)"
        let kept =
            self.folder.map { "kept in \($0.path)" } ?? "kept in memory only: nothing stays when the server stops"
        return """
            pond-server is listening on \(secure ? "https" : "http")://\(place)
              connect with   pond-tui \(trust)\(secure ? "wss" : "ws")://\(place)\(ConnectionParameters.endpoint)
              messages are   \(kept)
            """
    }
}
