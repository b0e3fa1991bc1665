/// A moment of the calendar's time, in milliseconds since 1970.
struct WallTime: Hashable, Comparable, Sendable {
    var milliseconds: Int64

    static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

    static func + (time: WallTime, milliseconds: Int64) -> WallTime {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(milliseconds)
        return WallTime(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// The milliseconds from another moment to this one. Peers send moments: bounded to ten thousand years, so that
    /// neither this nor what is added to it can overflow.
    static func - (left: WallTime, right: WallTime) -> Int64 {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
        let bound = Self.longest
        return overflow ? (left < right ? -bound : bound) : min(max(-bound, difference), bound)
    }

    private static let longest: Int64 = 315_576_000_000_000
}
