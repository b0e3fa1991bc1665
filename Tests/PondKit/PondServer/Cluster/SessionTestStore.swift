@testable import PondCore
@testable import PondServer

/// Sessions in memory, for servers of one program; announces takes through their `LocalPubSub`.
///
/// `@unchecked Sendable`: used on a test's one thread.
final class SessionTestStore: SharedSessionStore, @unchecked Sendable {
    private(set) var sessions: [String: (record: SessionRecord, owner: SessionOwner)] = [:]
    /// Nodes whose sessions nobody can take any more.
    var dead: Set<String> = []
    /// Whether takes are not announced.
    var isMute = false
    private let carrier: LocalPubSub
    private var listeners: [@Sendable () -> Void] = []

    init(_ carrier: LocalPubSub) { self.carrier = carrier }

    /// Forgets everything, and is there again.
    func lose() {
        self.sessions = [:]
        for listener in self.listeners { listener() }
    }

    /// Was away, and is there again.
    func comeBack() { for listener in self.listeners { listener() } }

    func keepAlive(_ node: String, for time: Duration) {}

    func save(
        _ record: SessionRecord,
        as key: String,
        of owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        if let known = self.sessions[key]?.owner, known != owner, known.generation >= owner.generation {
            return then(.taken)
        }
        self.sessions[key] = (record, owner)
        then(.done)
    }

    func change(
        _ channel: String,
        to membership: SessionMembership?,
        of key: String,
        owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        guard let known = self.sessions[key] else { return then(.missing) }
        guard known.owner == owner else { return then(.taken) }
        self.sessions[key]?.record.channels[channel] = membership
        then(.done)
    }

    func touch(_ key: String, owner: SessionOwner, then: @escaping @Sendable (SessionAnswer) -> Void) {
        guard let known = self.sessions[key] else { return then(.missing) }
        then(known.owner == owner ? .done : .taken)
    }

    func end(_ key: String, owner: SessionOwner) {
        if self.sessions[key]?.owner == owner { self.sessions[key] = nil }
    }

    func take(
        _ key: String,
        endpoint: String,
        for node: String,
        then: @escaping @Sendable (Result<TakenSession?, PondError>) -> Void
    ) {
        guard let known = self.sessions[key], known.record.endpoint == endpoint, !self.dead.contains(known.owner.node)
        else { return then(.success(nil)) }
        let owner = SessionOwner(node: node, generation: known.owner.generation + 1)
        self.sessions[key]?.owner = owner
        let news: JSONObject = [
            "node": .string(known.owner.node), "generation": .int(known.owner.generation), "session": .string(key),
        ]
        if !self.isMute { try? self.carrier.publish(Payload(news).bytes, to: ClusterTopics().sessions) }
        then(.success(TakenSession(record: known.record, owner: owner)))
    }

    func onReturn(_ body: @escaping @Sendable () -> Void) { self.listeners.append(body) }
}
