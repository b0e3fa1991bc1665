/// A moment of the calendar's time, in milliseconds since 1970.
struct WallTime: Hashable, Comparable, Sendable {
    var milliseconds: Int64

    static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

    static func + (time: WallTime, milliseconds: Int64) -> WallTime {
        WallTime(milliseconds: time.milliseconds &+ milliseconds)
    }

    /// The milliseconds from another moment to this one.
    static func - (left: WallTime, right: WallTime) -> Int64 { left.milliseconds &- right.milliseconds }
}
