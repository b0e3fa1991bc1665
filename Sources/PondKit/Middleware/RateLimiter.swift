/// Decides whether something may happen once more for a key.
public protocol RateLimiter: Sendable {
    /// `nil` when it may, else the seconds to wait.
    func take(_ key: String, now: MonotonicTime) -> Double?
}
