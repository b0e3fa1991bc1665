public import PondCore

/// Decides whether something may happen once more for a key.
public protocol RateLimiter: Sendable {
    /// `nil` when it may, else the seconds to wait.
    func take(_ key: String, now: MonotonicTime) -> Double?

    /// Forgets what a key has used up.
    func reset(_ key: String)
}

extension RateLimiter {
    /// Forgets nothing: a limiter that remembers says otherwise.
    public func reset(_ key: String) {}
}
