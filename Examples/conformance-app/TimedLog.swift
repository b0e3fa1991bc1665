internal import Glibc
internal import PondKit

/// A log on standard error whose lines begin with the milliseconds of the monotonic clock.
///
/// All processes of one machine share that clock, so the logs of several nodes can be merged by it.
struct TimedLog: PondLog {
    private let least: LogLevel

    init(from least: LogLevel) { self.least = least }

    func wants(_ level: LogLevel) -> Bool { level >= self.least }

    func write(_ level: LogLevel, _ message: String) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        var line = "\(time.tv_sec * 1_000 + time.tv_nsec / 1_000_000) \(level): \(message)\n"
        line.withUTF8 { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
    }
}
