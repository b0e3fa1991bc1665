/// A log that keeps nothing.
public struct SilentLog: PondLog {
    public init() {}
    public func wants(_ level: LogLevel) -> Bool { false }
    public func write(_ level: LogLevel, _ message: String) {}
}
