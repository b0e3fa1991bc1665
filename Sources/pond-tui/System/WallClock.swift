internal import Glibc

/// The calendar's time, but never going back: it is read once and then moved by a clock that also counts sleep.
struct WallClock: Sendable {
    private let start: Int64
    private let bootStart: Int64

    init() {
        self.start = Self.read(CLOCK_REALTIME)
        self.bootStart = Self.read(CLOCK_BOOTTIME)
    }

    func now() -> WallTime { WallTime(milliseconds: self.start + Self.read(CLOCK_BOOTTIME) - self.bootStart) }

    /// How far the local time is east of Greenwich at a moment.
    static func secondsEast(at time: WallTime) -> Int {
        var seconds = time_t(time.milliseconds / 1_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts.tm_gmtoff
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
