/// A token bucket in eight bytes, for limits per connection; the caller passes rate and capacity.
///
/// It counts milliseconds and forgets after seven weeks how long ago something was; then it is merely filled less.
package struct CompactBucket {
    private var tokens: Float
    private var filled: UInt32

    /// A full bucket.
    package init(capacity: Int, now: MonotonicTime) {
        self.tokens = Float(max(capacity, 0))
        self.filled = Self.milliseconds(now)
    }

    /// Takes a token; `nil` when there was one, else the seconds until there is.
    package mutating func take(rate: Double, capacity: Int, now: MonotonicTime) -> Double? {
        let time = Self.milliseconds(now)
        let passed = time &- self.filled
        if passed > 0 {
            self.tokens = Float(min(Double(max(capacity, 0)), Double(self.tokens) + Double(passed) * rate / 1000))
            self.filled = time
        }
        if self.tokens >= 1 {
            self.tokens -= 1
            return nil
        }
        return rate > 0 ? Double(1 - self.tokens) / rate : .infinity
    }

    private static func milliseconds(_ time: MonotonicTime) -> UInt32 {
        UInt32(truncatingIfNeeded: time.nanoseconds / 1_000_000)
    }
}
