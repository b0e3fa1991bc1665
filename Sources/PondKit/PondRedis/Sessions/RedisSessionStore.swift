public import PondCore
public import PondServer

/// The sessions of all nodes in Redis: a client whose node is gone goes on with another, as if nothing had happened.
///
/// ```swift
/// let redis = try RedisClient("redis://127.0.0.1:6379")
/// options.cluster = ClusterOptions(try RedisPubSub("redis://127.0.0.1:6379"))
/// options.cluster?.sessions = RedisSessionStore(redis)
/// ```
///
/// User id, assigns, memberships and presence move; a node's sessions can be taken for the grace time after its last
/// sign of life.
public final class RedisSessionStore: Sendable {
    private let redis: RedisClient
    private let topics: ClusterTopics
    private let life: Duration = .seconds(86_400)

    /// Sessions behind a connection, under keys that begin as the cluster's topics do.
    public init(_ redis: RedisClient, topics: ClusterTopics = ClusterTopics()) {
        self.redis = redis
        self.topics = topics
    }

    private var place: String { "\(self.topics.prefix):v1:\(self.topics.namespace)" }

    private func session(_ key: String) -> String { "\(self.place):__session__:\(key)" }
}

extension RedisSessionStore: SharedSessionStore {
    public func keepAlive(_ node: String, for time: Duration) {
        self.redis.send(["SET", "\(self.place):__node__:\(node)", "1", "PX", Self.milliseconds(time)])
    }

    public func save(
        _ record: SessionRecord,
        as key: String,
        of owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        var fields = ["u", record.userId, "e", record.endpoint, "a", JSON.object(record.assigns).text]
        for (name, membership) in record.channels { fields += ["c:\(name)", membership.json.text] }
        let arguments = [owner.node, String(owner.generation), Self.milliseconds(self.life)] + fields
        self.run(RedisSessionScripts.save, key, arguments, then)
    }

    public func change(
        _ channel: String,
        to membership: SessionMembership?,
        of key: String,
        owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        let change = ["c:\(channel)", membership?.json.text ?? ""]
        let arguments = [owner.node, String(owner.generation), Self.milliseconds(self.life)] + change
        self.run(RedisSessionScripts.change, key, arguments, then)
    }

    public func touch(_ key: String, owner: SessionOwner, then: @escaping @Sendable (SessionAnswer) -> Void) {
        let arguments = [owner.node, String(owner.generation), Self.milliseconds(self.life), "", ""]
        self.run(RedisSessionScripts.change, key, arguments, then)
    }

    public func end(_ key: String, owner: SessionOwner) {
        self.run(RedisSessionScripts.end, key, [owner.node, String(owner.generation)]) { _ in }
    }

    private func run(
        _ script: RedisScript,
        _ key: String,
        _ arguments: [String],
        _ then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        self.redis.run(script, keys: [self.session(key)], arguments.map { Array($0.utf8) }) { result in
            switch result {
            case .success(.integer(0)): then(.missing)
            case .success(.integer(1)): then(.done)
            case .success(.integer(2)): then(.taken)
            default: then(.failed)
            }
        }
    }

    public func take(
        _ key: String,
        endpoint: String,
        for node: String,
        then: @escaping @Sendable (Result<TakenSession?, PondError>) -> Void
    ) {
        let arguments = [
            node, Self.milliseconds(self.life), endpoint, "\(self.place):__node__:", self.topics.sessions,
            self.redis.options.isSharded ? "SPUBLISH" : "PUBLISH", PondID.token(), key,
        ]
        self.redis.run(RedisSessionScripts.take, keys: [self.session(key)], arguments.map { Array($0.utf8) }) {
            result in
            then(result.map { Self.taken($0, by: node) })
        }
    }

    public func onReturn(_ body: @escaping @Sendable () -> Void) { self.redis.onReturn(body) }

    private static func taken(_ value: RESPValue, by node: String) -> TakenSession? {
        guard case .array(let parts) = value, parts.count == 2, case .integer(let generation) = parts[0],
            case .array(let items) = parts[1]
        else { return nil }
        var record = SessionRecord(userId: "", endpoint: "", assigns: [:])
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            guard case .bulk(let name) = items[index], case .bulk(let value) = items[index + 1] else { return nil }
            let text = String(decoding: value, as: UTF8.self)
            switch String(decoding: name, as: UTF8.self) {
            case "u": record.userId = text
            case "e": record.endpoint = text
            case "a": record.assigns = (try? JSON(parsing: value))?.object ?? [:]
            case let name where name.hasPrefix("c:"):
                guard let json = try? JSON(parsing: value) else { continue }
                record.channels[String(name.dropFirst(2))] = SessionMembership(json)
            default: continue
            }
        }
        guard !record.userId.isEmpty else { return nil }
        return TakenSession(record: record, owner: SessionOwner(node: node, generation: generation))
    }

    private static func milliseconds(_ duration: Duration) -> String {
        String(max(duration.wholeNanoseconds / 1_000_000, 1))
    }
}
