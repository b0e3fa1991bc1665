import PondChat
import PondKit

/// The log on standard error: structured, from a level on.
///
/// A thread of its own writes the lines, so that no event loop waits for whoever reads them.
final class ServerLog: PondLog {
    private struct Settings {
        var level: LogLevel
        var format: LogFormat
    }

    private let settings: Lock<Settings>
    private let output: @Sendable (String) -> Void
    /// The writer behind `output`; `nil` where the caller brought its own.
    private let writer: LogWriter?

    /// A log that hands its lines to `output`.
    init(level: LogLevel, format: LogFormat, output: @escaping @Sendable (String) -> Void) {
        self.settings = Lock(Settings(level: level, format: format))
        self.output = output
        self.writer = nil
    }

    /// A log that writes to a file descriptor, standard error where nothing else is said.
    init(level: LogLevel, format: LogFormat, descriptor: Int32 = 2) {
        let settings = Lock(Settings(level: level, format: format))
        let writer = LogWriter(descriptor: descriptor) { dropped in
            let fields: [(String, JSON)] = [("count", .int(Int64(dropped)))]
            let message = "log lines dropped: standard error is not read fast enough"
            return LogLine.format(settings.withLock { $0.format }, at: .now, .warning, message, fields)
        }
        self.settings = settings
        self.writer = writer
        self.output = { writer.write($0) }
    }

    /// Waits until every line is written, for at most `time`; false when nobody reads them.
    @discardableResult
    func flush(within time: Duration = .seconds(1)) -> Bool { self.writer?.flush(within: time) ?? true }

    /// Takes another level and format from now on.
    func change(level: LogLevel, format: LogFormat) {
        self.settings.withLock { $0 = Settings(level: level, format: format) }
    }

    func wants(_ level: LogLevel) -> Bool { self.settings.withLock { level >= $0.level } }

    func write(_ level: LogLevel, _ message: String) { self.write(level, message, []) }

    func debug(_ message: @autoclosure () -> String, _ fields: (String, JSON)...) {
        if self.wants(.debug) { self.write(.debug, message(), fields) }
    }

    func info(_ message: @autoclosure () -> String, _ fields: (String, JSON)...) {
        if self.wants(.info) { self.write(.info, message(), fields) }
    }

    func warning(_ message: @autoclosure () -> String, _ fields: (String, JSON)...) {
        if self.wants(.warning) { self.write(.warning, message(), fields) }
    }

    func error(_ message: @autoclosure () -> String, _ fields: (String, JSON)...) {
        if self.wants(.error) { self.write(.error, message(), fields) }
    }

    private func write(_ level: LogLevel, _ message: String, _ fields: [(String, JSON)]) {
        let format = self.settings.withLock { $0.format }
        self.output(LogLine.format(format, at: .now, level, message, fields))
    }

    /// Writes a line of a program that is about to end, and waits for at most a second.
    static func toStandardError(_ line: String) {
        LogWriter.standardError.write(line)
        StandardErrorLog.flush()
    }
}
