import PondKit

/// Who failed too often of late: only failures count, so that many who come back at once are not taken for one
/// who tries and tries. Pure.
struct AttemptTable: Sendable {
    private var buckets: [String: TokenBucket] = [:]
    private let rate: Double
    private let capacity: Int
    private let keys: Int

    /// Forgives `rate` failures a second, and `capacity` at once.
    init(rate: Double, capacity: Int, keys: Int = 20_000) {
        self.rate = rate
        self.capacity = capacity
        self.keys = keys
    }

    /// The seconds until a key may try again; `nil` when it may now.
    func wait(_ key: String, now: MonotonicTime) -> Double? {
        var bucket = self.buckets[key]
        return bucket?.take(now: now)
    }

    /// An attempt of a key failed.
    mutating func failed(_ key: String, now: MonotonicTime) {
        if self.buckets[key] == nil, self.buckets.count >= self.keys {
            self.buckets = self.buckets.filter { !$0.value.isFull(now: now) }
            // So many attackers at once: those known stay known.
            guard self.buckets.count < self.keys else { return }
        }
        _ = self.buckets[key, default: TokenBucket(rate: self.rate, capacity: self.capacity, now: now)].take(now: now)
    }
}
