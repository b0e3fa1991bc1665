@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// One node's history and sessions in a simulated Redis, over one connection.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedSharedStore: @unchecked Sendable {
    private let redis: SimulatedRedis
    private let loop: EventLoop
    let link: SimulatedRedisLink
    private var listeners: [@Sendable () -> Void] = []
    private var attempts = 0

    init(_ redis: SimulatedRedis, on loop: EventLoop, seed: UInt64) {
        self.redis = redis
        self.loop = loop
        self.link = SimulatedRedisLink(to: redis, on: loop, .resend, seed: seed)
        self.link.whenReady = { [unowned self] isReturn in
            if isReturn { for listener in self.listeners { listener() } }
        }
    }

    /// Does something in Redis, and something with the answer.
    private func ask<Answer>(_ question: @escaping () -> Answer, then: @escaping (Answer) -> Void) {
        self.link.send {
            let answer = question()
            return { then(answer) }
        }
    }
}

extension SimulatedSharedStore: SharedHistoryStore {
    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.ask({ self.redis.find(channel) }, then: { then(.success($0)) })
    }

    func begin(
        _ channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.ask({ self.redis.begin(channel, epoch: epoch) }, then: { then(.success($0)) })
    }

    func reopen(
        _ channel: HistoryKey,
        known: StreamPosition?,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.ask({ self.redis.reopen(channel, known: known) }, then: { then(.success($0)) })
    }

    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        then(.badRequest("numbers are given here"))
    }

    func append(
        _ shared: SharedBroadcast,
        to channel: HistoryKey,
        known: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<SharedAppend, PondError>) -> Void
    ) {
        self.ask({ self.redis.append(shared, to: channel, known: known) }, then: { then(.success($0)) })
    }

    func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        self.ask({ self.redis.read(channel, after: position) }, then: { then(.success($0)) })
    }

    func handled(_ request: RequestOrigin, in channel: HistoryKey, on loop: EventLoop) {
        self.ask(
            { self.redis.logs[channel]?.requests[request.client.text, default: []].append(request.requestId) },
            then: { _ in }
        )
    }

    func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        self.ask({ self.redis.logs[channel]?.requests[client.text] ?? [] }, then: { then(.success($0)) })
    }
}

extension SimulatedSharedStore: SharedSessionStore {
    func keepAlive(_ node: String, for time: Duration) {
        self.ask({ self.redis.lives[node] = self.loop.now + time }, then: { _ in })
    }

    func save(
        _ record: SessionRecord,
        as key: String,
        of owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        self.ask(
            { () -> SessionAnswer in
                if let known = self.redis.sessions[key]?.owner, known != owner, known.generation >= owner.generation {
                    return .taken
                }
                self.redis.sessions[key] = SimulatedRedis.Session(record: record, owner: owner)
                return .done
            },
            then: then
        )
    }

    private func change(
        _ key: String,
        _ owner: SessionOwner,
        _ then: @escaping @Sendable (SessionAnswer) -> Void,
        _ change: @escaping (inout SimulatedRedis.Session) -> Void
    ) {
        self.ask(
            { () -> SessionAnswer in
                guard var session = self.redis.sessions[key] else { return .missing }
                guard session.owner == owner else { return .taken }
                change(&session)
                self.redis.sessions[key] = session
                return .done
            },
            then: then
        )
    }

    func change(
        _ channel: String,
        to membership: SessionMembership?,
        of key: String,
        owner: SessionOwner,
        then: @escaping @Sendable (SessionAnswer) -> Void
    ) {
        self.change(key, owner, then) { $0.record.channels[channel] = membership }
    }

    func touch(_ key: String, owner: SessionOwner, then: @escaping @Sendable (SessionAnswer) -> Void) {
        self.change(key, owner, then) { _ in }
    }

    func end(_ key: String, owner: SessionOwner) {
        self.ask(
            { if self.redis.sessions[key]?.owner == owner { self.redis.sessions[key] = nil } },
            then: { _ in }
        )
    }

    func take(
        _ key: String,
        endpoint: String,
        for node: String,
        then: @escaping @Sendable (Result<TakenSession?, PondError>) -> Void
    ) {
        self.attempts += 1
        let attempt = "\(node)/\(self.attempts)"
        self.ask(
            { () -> TakenSession? in
                guard let known = self.redis.sessions[key], known.record.endpoint == endpoint else { return nil }
                if known.attempt == attempt { return TakenSession(record: known.record, owner: known.owner) }
                let lives = self.redis.lives[known.owner.node].map { $0 > self.loop.now } ?? false
                guard known.owner.node == node || lives else { return nil }
                let owner = SessionOwner(node: node, generation: known.owner.generation + 1)
                self.redis.sessions[key]?.owner = owner
                self.redis.sessions[key]?.attempt = attempt
                let news: JSONObject = [
                    "node": .string(known.owner.node), "generation": .int(known.owner.generation),
                    "session": .string(key),
                ]
                self.redis.publish(Payload(news).bytes, to: ClusterTopics().sessions)
                return TakenSession(record: known.record, owner: owner)
            },
            then: { then(.success($0)) }
        )
    }

    func onReturn(_ body: @escaping @Sendable () -> Void) { self.listeners.append(body) }
}
