/// How much a log message matters.
public enum LogLevel: Int, Sendable, CaseIterable, Comparable {
    case debug
    case info
    case warning
    case error

    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
