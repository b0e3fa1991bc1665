internal import Glibc
internal import PondKit

/// What the environment says.
enum Environment {
    static func options() throws -> PondOptions {
        var options = PondOptions()
        options.limits = Self.limits
        if let origins = Self.value("POND_ALLOWED_ORIGINS") {
            options.allowedOrigins = .these(Set(origins.split(separator: ",").map(String.init)))
        }
        options.cluster = try Self.cluster()
        if Self.value("POND_SENDING") == "plain" { options.sending = .plain }
        options.log = Self.log
        return options
    }

    private static var log: TimedLog { TimedLog(from: Self.value("POND_LOG") == "debug" ? .debug : .warning) }

    private static var limits: Limits {
        var limits = Limits.default
        limits.sessionGrace = .seconds(Self.value("POND_GRACE").flatMap(Double.init) ?? 15)
        // The history of `/durable`: so many messages, whatever their size within reason.
        limits.historyMessages = 10_000
        limits.historyBytes = 64 * 1024 * 1024
        return limits
    }

    /// The other nodes, where there is a Redis to meet them.
    private static func cluster() throws -> ClusterOptions? {
        guard let port = Self.value("POND_REDIS_PORT") else { return nil }
        var cluster = ClusterOptions(try RedisPubSub("redis://127.0.0.1:\(port)", options: Self.redisOptions))
        cluster.topics = Self.topics
        cluster.sessions = Self.redis.map { RedisSessionStore($0, topics: Self.topics) }
        if let seconds = Self.value("POND_HB_INTERVAL").flatMap(Double.init) {
            cluster.timing.heartbeatInterval = .seconds(seconds)
        }
        if let seconds = Self.value("POND_HB_TIMEOUT").flatMap(Double.init) {
            cluster.timing.heartbeatTimeout = .seconds(seconds)
        }
        return cluster
    }

    private static var topics: ClusterTopics { ClusterTopics(namespace: Self.value("POND_NAMESPACE") ?? "default") }

    /// The history that the nodes share; `nil` where there is no Redis to keep it.
    static func history() -> RedisHistoryStore? {
        Self.redis.map { RedisHistoryStore($0, topics: Self.topics, bounds: HistoryBounds(Self.limits)) }
    }

    private static let redis = Self.value("POND_REDIS_PORT").flatMap { port in
        try? RedisClient("redis://127.0.0.1:\(port)", options: Self.redisOptions)
    }

    private static var redisOptions: RedisOptions {
        var options = RedisOptions()
        options.log = Self.log
        if let seconds = Self.value("POND_REDIS_PING").flatMap(Double.init) { options.pingInterval = .seconds(seconds) }
        return options
    }

    static func value(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }
}
