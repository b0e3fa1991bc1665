import PondKit

/// Asks Redis what all servers must agree on. Where it does not answer in time, nobody waits for it any more until it
/// is back: what is asked meanwhile has no answer, and every server decides by what it knows itself.
final class SharedQuestions: Sendable {
    private enum State {
        /// Redis answers. Can become `away`.
        case answering
        /// It owes an answer for too long. Can become `answering`, with its next answer.
        case away
    }

    private typealias Answer = @Sendable (Result<RESPValue, PondError>) -> Void

    private let redis: RedisClient
    private let patience: Duration
    private let state = Lock(State.answering)
    private let listener = Lock<(@Sendable (_ isAway: Bool) -> Void)?>(nil)

    /// What every Redis can answer; answers to PING are the connection's own.
    private static let question = ["ECHO", "there?"]

    init(_ redis: RedisClient, patience: Duration = .milliseconds(750)) {
        self.redis = redis
        self.patience = patience
    }

    /// Whether Redis is known not to answer.
    var isAway: Bool { self.state.withLock { $0 == .away } }

    /// Hears when Redis stops to answer, and when it answers again.
    func onChange(_ body: @escaping @Sendable (_ isAway: Bool) -> Void) { self.listener.withLock { $0 = body } }

    /// Runs a script, perhaps twice with the same outcome; `nil` where nobody answers.
    func ask(_ script: RedisScript, keys: [String], _ arguments: [String]) async -> RESPValue? {
        await self.ask { [redis] in redis.run(script, keys: keys, arguments.map { Array($0.utf8) }, then: $0) }
    }

    /// Asks with a command that may run twice; `nil` where nobody answers.
    func ask(_ command: [String]) async -> RESPValue? { await self.ask { [redis] in redis.send(command, then: $0) } }

    /// Tells by a script that may run twice; nothing while Redis is away, so that it has not to hear of it all later.
    func tell(_ script: RedisScript, keys: [String], _ arguments: [String]) {
        guard !self.isAway else { return }
        self.redis.run(script, keys: keys, arguments.map { Array($0.utf8) }) { _ in }
    }

    /// Tells by a command that may run twice; nothing while Redis is away.
    func tell(_ command: [String]) {
        if !self.isAway { self.redis.send(command) }
    }

    /// Finds out whether Redis answers; called from time to time.
    func watch() {
        if !self.isAway { Task { _ = await self.ask(Self.question) } }
    }

    private func ask(_ send: (@escaping Answer) -> Void) async -> RESPValue? {
        guard !self.isAway else { return nil }
        return await withCheckedContinuation { (continuation: CheckedContinuation<RESPValue?, Never>) in
            let waiting = Lock<CheckedContinuation<RESPValue?, Never>?>(continuation)
            let resume: @Sendable (RESPValue?) -> Bool = { value in
                let continuation = waiting.withLock { waiting in
                    defer { waiting = nil }
                    return waiting
                }
                continuation?.resume(returning: value)
                return continuation != nil
            }
            send { _ = resume(try? $0.get()) }
            self.redis.after(self.patience) { [weak self] in
                if resume(nil) { self?.missed() }
            }
        }
    }

    /// An answer did not come in time.
    private func missed() {
        let isNews = self.state.withLock { state in
            defer { state = .away }
            return state == .answering
        }
        guard isNews else { return }
        self.listener.withLock { $0 }?(true)
        self.waitForReturn()
    }

    private func waitForReturn() {
        self.redis.send(Self.question) { [weak self, redis = self.redis] result in
            guard case .failure = result else {
                self?.returned()
                return
            }
            // Too much waits for Redis already, or the server ends.
            redis.after(.seconds(1)) { self?.waitForReturn() }
        }
    }

    private func returned() {
        self.state.withLock { $0 = .answering }
        self.listener.withLock { $0 }?(false)
    }
}
