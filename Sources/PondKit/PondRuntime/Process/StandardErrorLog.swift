public import PondCore

/// A log on standard error, one line per message.
///
/// A thread of its own writes the lines, so a reader that stops reading blocks no event loop. Lines that do not fit the
/// bounded queue meanwhile are dropped and counted; the number is logged when the reader reads again.
public struct StandardErrorLog: PondLog {
    private let least: LogLevel
    private let writer: LogWriter

    /// A log of every message from a level on.
    public init(from least: LogLevel = .warning) { self.init(from: least, writer: .standardError) }

    package init(from least: LogLevel, writer: LogWriter) {
        self.least = least
        self.writer = writer
    }

    public func wants(_ level: LogLevel) -> Bool { level >= self.least }

    public func write(_ level: LogLevel, _ message: String) { self.writer.write("pond \(level): \(message)\n") }

    /// Waits until every line is written, for at most `time`; false when the reader does not take them.
    ///
    /// Call it before the process exits. It blocks the calling thread.
    @discardableResult
    public static func flush(within time: Duration = .seconds(1)) -> Bool {
        LogWriter.standardError.flush(within: time)
    }
}
