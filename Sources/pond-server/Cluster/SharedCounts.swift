import PondKit

/// How often something happens on all servers together: one bucket for each key, in Redis.
final class SharedCounts: Sendable {
    /// What may be done so often under a key.
    struct Bucket: Sendable, Hashable {
        var key: String
        /// How often it may be done a second, and how often at once.
        var rate: Double
        var capacity: Int
    }

    enum Verdict: Sendable, Hashable {
        case allowed
        /// This bucket is empty for so many seconds.
        case refused(bucket: Int, seconds: Double)
    }

    private let questions: SharedQuestions
    private let place: String

    /// KEYS: the buckets. ARGV: for each the milliseconds that one use costs, and those that may be owed. A bucket is
    /// the time at which it will be full again. Takes one from each, or gives the first that has none and how long.
    private static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + time[2] / 1000
        local full = {}
        for i, key in ipairs(KEYS) do
          full[i] = math.max(tonumber(redis.call('GET', key) or '0'), now) + tonumber(ARGV[2 * i - 1])
          local wait = full[i] - now - tonumber(ARGV[2 * i])
          if wait > 0.001 then return {i, string.format('%.0f', math.ceil(wait))} end
        end
        for i, key in ipairs(KEYS) do
          redis.call('SET', key, string.format('%.3f', full[i]), 'PX', math.ceil(full[i] - now) + 1)
        end
        return {0, '0'}
        """
    )

    init(_ questions: SharedQuestions, topics: ClusterTopics) {
        self.questions = questions
        self.place = "\(topics.prefix):chat:\(topics.namespace):count:"
    }

    /// Takes one from each of the buckets, or from none; `nil` where nobody can say.
    func take(_ buckets: [Bucket]) async -> Verdict? {
        let costs = buckets.map { $0.rate > 0 ? min(1_000 / $0.rate, Self.longest) : Self.longest }
        let arguments = zip(buckets, costs).flatMap { bucket, cost in
            ["\(cost)", "\(min(cost * Double(max(bucket.capacity, 1)), Self.longest))"]
        }
        let answer = await self.questions.ask(Self.script, keys: buckets.map { self.place + $0.key }, arguments)
        guard case .array(let parts) = answer, parts.count == 2, case .integer(let number) = parts[0],
            case .bulk(let text) = parts[1]
        else { return nil }
        guard number > 0 else { return .allowed }
        guard let index = Int(exactly: number - 1), buckets.indices.contains(index),
            let wait = Double(String(decoding: text, as: UTF8.self)), wait.isFinite
        else { return nil }
        return .refused(bucket: index, seconds: min(max(wait, 0), Self.longest) / 1_000)
    }

    /// Nothing is remembered for longer than a day.
    private static let longest = 86_400_000.0
}
