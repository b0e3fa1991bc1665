import PondChat
import PondKit

/// Names that are unique over all nodes: each is held in Redis for as long as its user is here and a while longer.
final class NameLeases: Sendable {
    private let redis: RedisClient
    private let place: String

    /// KEYS: the name's looks. ARGV: who holds it, 1 where it is theirs by password or token, milliseconds. Gives
    /// whether it is theirs.
    private static let enter = RedisScript(
        """
        local held = redis.call('GET', KEYS[1])
        if held and held ~= ARGV[1] and ARGV[2] == '0' then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
        return 1
        """
    )

    init(_ redis: RedisClient, topics: ClusterTopics) {
        self.redis = redis
        self.place = "\(topics.prefix):chat:\(topics.namespace):name:"
    }

    /// Whether a name may be had; where nobody can be asked in time it may, rather than nobody could come in.
    func enter(_ name: UserName, stay: String, isProven: Bool) async -> Bool {
        let milliseconds = String(NameTable.grace.wholeNanoseconds / 1_000_000)
        let arguments = [isProven ? "claimed" : stay, isProven ? "1" : "0", milliseconds].map { Array($0.utf8) }
        let key = self.place + name.skeleton
        return await withCheckedContinuation { continuation in
            let waiting = Lock<CheckedContinuation<Bool, Never>?>(continuation)
            let answer: @Sendable (Bool) -> Void = { isFree in
                let continuation = waiting.withLock { waiting in
                    defer { waiting = nil }
                    return waiting
                }
                continuation?.resume(returning: isFree)
            }
            self.redis.run(Self.enter, keys: [key], arguments) { answer((try? $0.get()) != .integer(0)) }
            self.redis.after(.seconds(1)) { answer(true) }
        }
    }

    /// Holds names for their users, who are here.
    func renew(_ names: Set<UserName>) {
        for name in names {
            self.redis.send(["PEXPIRE", self.place + name.skeleton, "\(NameTable.grace.wholeNanoseconds / 1_000_000)"])
        }
    }
}
