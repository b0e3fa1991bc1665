/// The machine's monotonic clock.
public struct SystemClock: LoopClock {
    private static let start = ContinuousClock.now

    public init() { _ = Self.start }

    public func now() -> MonotonicTime { .zero + (ContinuousClock.now - Self.start) }

    public var passesByItself: Bool { true }

    public func whenMoved(_ wake: @escaping @Sendable () -> Void) {}
}
