/// How often something may happen: a bucket that fills steadily and loses a token each time.
///
/// Pure: the time comes with each question.
public struct TokenBucket: Sendable, Hashable {
    private let rate: Double
    private let capacity: Double
    private var tokens: Double
    private var filled: MonotonicTime

    /// A full bucket of `capacity` tokens that gains `rate` tokens a second.
    public init(rate: Double, capacity: Int, now: MonotonicTime) {
        self.rate = max(rate, 0)
        self.capacity = Double(max(capacity, 0))
        self.tokens = self.capacity
        self.filled = now
    }

    /// Takes a token; `nil` when there was one, else the seconds until there is.
    public mutating func take(now: MonotonicTime) -> Double? {
        if now > self.filled {
            self.tokens = min(self.capacity, self.tokens + (now - self.filled).inSeconds * self.rate)
            self.filled = now
        }
        if self.tokens >= 1 {
            self.tokens -= 1
            return nil
        }
        return self.rate > 0 ? (1 - self.tokens) / self.rate : .infinity
    }

    /// Whether nothing was taken for so long that the bucket is full again.
    public func isFull(now: MonotonicTime) -> Bool {
        self.tokens + max(0, (now - self.filled).inSeconds) * self.rate >= self.capacity
    }
}
