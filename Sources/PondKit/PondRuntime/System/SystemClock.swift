internal import Glibc
public import PondCore

/// The machine's clock that never goes back and counts the time in which the machine slept.
public struct SystemClock: LoopClock {
    public init() {}

    public func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    public var passesByItself: Bool { true }

    public func whenMoved(_ wake: @escaping @Sendable () -> Void) {}
}
