import PondKit

/// Decides which of many alike log lines are written: the first few of each interval. The others are counted.
///
/// Pure. One sampler serves one kind of line, such as refused connections.
struct LogSampler: Sendable {
    private let limit: Int
    private let interval: Duration
    /// When the current interval began; `nil` before the first line.
    private var began: MonotonicTime?
    private var written = 0
    private var skipped = 0

    /// Writes at most `limit` lines per `interval`.
    init(limit: Int = 20, interval: Duration = .seconds(60)) {
        self.limit = limit
        self.interval = interval
    }

    /// Counts one line; says whether to write it.
    mutating func admit(now: MonotonicTime) -> Bool {
        if self.began.map({ now - $0 >= self.interval }) ?? true {
            self.began = now
            self.written = 0
        }
        guard self.written < self.limit else {
            self.skipped += 1
            return false
        }
        self.written += 1
        return true
    }

    /// The number of lines that were not written, once per interval; `nil` when there are none to tell of.
    mutating func takeSkipped(now: MonotonicTime) -> Int? {
        guard self.skipped > 0, let began = self.began, now - began >= self.interval else { return nil }
        defer { self.skipped = 0 }
        return self.skipped
    }
}
