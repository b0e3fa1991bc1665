import PondCore
import PondRuntime

/// When a statement has had its time.
final class SQLiteDeadline {
    private let end: MonotonicTime
    private let clock = SystemClock()

    init(_ end: MonotonicTime) { self.end = end }

    var isOver: Bool { self.clock.now() >= self.end }
}
