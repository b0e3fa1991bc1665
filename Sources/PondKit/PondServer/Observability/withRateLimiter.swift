import PondCore

/// A step that lets an event pass only as often as a limiter allows its key, the sender where nothing else is said.
///
/// ```swift
/// let limiter = TokenBucketRateLimiter(rate: 5, capacity: 10)
/// try lobby.onMessage("message", withRateLimiter(limiter)) { context in … }
/// ```
public func withRateLimiter(
    _ limiter: any RateLimiter,
    key: @escaping @Sendable (EventContext) -> String = { $0.user.id }
) -> Middleware<EventContext> {
    Middleware { context, next in
        if let seconds = limiter.take(key(context), now: context.now) {
            throw PondError.rateLimited("Too many messages", retryAfter: seconds)
        }
        try next()
    }
}

/// A step that lets a join pass only as often as a limiter allows its key, by default the client's address, or of an
/// IPv6 address its network of 64 bits.
public func withJoinRateLimiter(
    _ limiter: any RateLimiter,
    key: (@Sendable (JoinContext) -> String)? = nil
) -> Middleware<JoinContext> {
    Middleware { context, next in
        let key = key?(context) ?? AddressRange.limitKey(of: context.connection.remoteAddress)
        if let seconds = limiter.take(key, now: context.now) {
            throw PondError.rateLimited("Too many joins", retryAfter: seconds)
        }
        try next()
    }
}
