/// A point on a clock that never goes back, in nanoseconds since an arbitrary start.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Nanoseconds since the clock's start.
    public var nanoseconds: UInt64

    /// The point this many nanoseconds after the clock's start.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The clock's start.
    public static let zero = MonotonicTime(nanoseconds: 0)

    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The point so much later; saturates at both ends instead of trapping.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let delta = duration.wholeNanoseconds
        if delta >= 0 {
            let (sum, overflow) = time.nanoseconds.addingReportingOverflow(UInt64(delta))
            return MonotonicTime(nanoseconds: overflow ? .max : sum)
        }
        let (difference, overflow) = time.nanoseconds.subtractingReportingOverflow(delta.magnitude)
        return MonotonicTime(nanoseconds: overflow ? 0 : difference)
    }

    /// The time from `earlier` to `later`, negative when they are the other way round.
    public static func - (later: MonotonicTime, earlier: MonotonicTime) -> Duration {
        if later.nanoseconds >= earlier.nanoseconds {
            return .nanoseconds(Int64(clamping: later.nanoseconds - earlier.nanoseconds))
        }
        return .zero - .nanoseconds(Int64(clamping: earlier.nanoseconds - later.nanoseconds))
    }
}

extension Duration {
    /// This duration in nanoseconds, clamped to 64 bits.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// This duration in seconds.
    public var inSeconds: Double { Double(self.wholeNanoseconds) / 1e9 }

    /// This many seconds, clamped to what 64 bits of nanoseconds hold; not a number gives zero.
    package static func seconds(clamping seconds: Double) -> Duration {
        guard !seconds.isNaN else { return .zero }
        let nanoseconds = (seconds * 1e9).rounded(.towardZero)
        return .nanoseconds(Int64(exactly: nanoseconds) ?? (seconds < 0 ? .min : .max))
    }
}
