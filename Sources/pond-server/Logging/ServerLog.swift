import Glibc
import PondChat
import PondKit

/// The log on standard error: structured, from a level on, each line written at once.
final class ServerLog: PondLog {
    private struct Settings {
        var level: LogLevel
        var format: LogFormat
    }

    private let settings: Lock<Settings>
    private let output: @Sendable (String) -> Void

    /// A log that writes to standard error, or to `output`.
    init(level: LogLevel, format: LogFormat, output: @escaping @Sendable (String) -> Void = ServerLog.toStandardError) {
        self.settings = Lock(Settings(level: level, format: format))
        self.output = output
    }

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

    static func toStandardError(_ line: String) {
        var line = line
        line.withUTF8 { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
    }
}
