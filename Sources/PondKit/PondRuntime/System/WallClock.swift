internal import Glibc

/// The time of day as the machine has it; it may go back, so it measures nothing.
package enum WallClock {
    /// Milliseconds since the beginning of 1970.
    package static func epochMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
