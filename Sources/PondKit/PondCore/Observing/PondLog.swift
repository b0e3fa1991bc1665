/// Where the framework writes what only the operator may know.
///
/// Errors inside a handler are logged in full; the peer gets a general message.
public protocol PondLog: Sendable {
    /// Whether messages of a level are wanted; a message that is not is never put together.
    func wants(_ level: LogLevel) -> Bool
    /// Writes one message; called from any event loop and must not block for long.
    func write(_ level: LogLevel, _ message: String)
}

extension PondLog {
    package func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        guard self.wants(level) else { return }
        self.write(level, message())
    }
}
