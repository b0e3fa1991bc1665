public import PondCore
import PondRuntime

/// A token bucket for each key; keys that are quiet long enough to have a full bucket are forgotten.
public final class TokenBucketRateLimiter: RateLimiter {
    private struct State {
        var buckets: [String: TokenBucket] = [:]
        var sweepAt = 1024
        /// When looking through all keys is worth it again.
        var nextSweep = MonotonicTime.zero
    }

    /// How many a second each key may go on with.
    public let rate: Double
    /// How many each key may have at once.
    public let capacity: Int
    private let keys: Int
    private let state = Lock(State())

    /// Allows each key `rate` a second and `capacity` at once; refuses new keys above `keys` busy ones.
    public init(rate: Double, capacity: Int, keys: Int = 100_000) {
        self.rate = rate
        self.capacity = capacity
        self.keys = keys
    }

    public func take(_ key: String, now: MonotonicTime) -> Double? {
        self.state.withLock { state in
            if state.buckets[key] == nil {
                if state.buckets.count >= min(state.sweepAt, self.keys), now >= state.nextSweep {
                    state.nextSweep = now + .seconds(1)
                    state.buckets = state.buckets.filter { !$0.value.isFull(now: now) }
                    state.sweepAt = max(1024, state.buckets.count * 2)
                }
                guard state.buckets.count < self.keys else { return 1 }
            }
            return state.buckets[key, default: TokenBucket(rate: self.rate, capacity: self.capacity, now: now)]
                .take(now: now)
        }
    }

    public func reset(_ key: String) { self.state.withLock { _ = $0.buckets.removeValue(forKey: key) } }

    /// Forgets what every key has used up.
    public func resetAll() { self.state.withLock { $0 = State() } }

    /// The number of keys that are remembered.
    public var count: Int { self.state.withLock { $0.buckets.count } }
}
