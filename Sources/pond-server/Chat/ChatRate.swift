import PondKit

/// How often something may be done under a key, be it a name or an address.
struct ChatRate: Sendable {
    /// What it counts.
    let name: String
    /// What is said to whoever does it too often.
    let refusal: String
    private let rate: Double
    private let capacity: Int
    private let limiter: TokenBucketRateLimiter

    /// Allows `rate` a second and `capacity` at once.
    init(_ name: String, rate: Double, capacity: Int, _ refusal: String) {
        self.name = name
        self.refusal = refusal
        self.rate = rate
        self.capacity = capacity
        self.limiter = TokenBucketRateLimiter(rate: rate, capacity: capacity)
    }

    /// This rate with what was counted under an earlier one; a changed rate counts anew.
    func keeping(_ earlier: ChatRate) -> ChatRate {
        self.rate == earlier.rate && self.capacity == earlier.capacity ? earlier : self
    }

    /// Takes one on this server; `nil` when there was one, else the seconds until there is.
    func take(_ key: String, now: MonotonicTime) -> Double? { self.limiter.take(key, now: now) }

    /// The same for all servers together.
    func bucket(of key: String) -> SharedCounts.Bucket {
        SharedCounts.Bucket(key: "\(self.name):\(key)", rate: self.rate, capacity: self.capacity)
    }
}
