public import PondKit

/// A log that keeps every line, so that a test can read what was logged.
public final class LogKeeper: PondLog {
    private let kept = Lock<[String]>([])

    /// An empty log.
    public init() {}

    /// The messages in the order they were logged, of every level.
    public var lines: [String] { self.kept.withLock { $0 } }

    public func wants(_ level: LogLevel) -> Bool { true }

    public func write(_ level: LogLevel, _ message: String) { self.kept.withLock { $0.append(message) } }
}
