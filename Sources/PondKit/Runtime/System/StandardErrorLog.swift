internal import Glibc

/// A log on standard error, one line a message.
public struct StandardErrorLog: PondLog {
    private let least: LogLevel

    /// A log of everything from a level on.
    public init(from least: LogLevel = .warning) { self.least = least }

    public func wants(_ level: LogLevel) -> Bool { level >= self.least }

    public func write(_ level: LogLevel, _ message: String) {
        var line = "pond \(level): \(message)\n"
        line.withUTF8 { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
    }
}
