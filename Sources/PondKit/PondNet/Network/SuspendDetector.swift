/// Tells a suspend of the machine from a clock that was set. It reads no clock.
///
/// The boot clock counts the time in which the machine was suspended, the monotonic clock does not: the difference of
/// the two grows by the length of each suspend, and by nothing else.
struct SuspendDetector {
    /// A shorter suspend breaks no connection.
    private static let leastSuspend: Duration = .seconds(1)
    private var difference: Duration

    init(boot: Duration, monotonic: Duration) { self.difference = boot - monotonic }

    /// The length of the suspend since the last call; `nil` where there was none.
    mutating func slept(boot: Duration, monotonic: Duration) -> Duration? {
        let slept = boot - monotonic - self.difference
        guard slept >= Self.leastSuspend else { return nil }
        self.difference = boot - monotonic
        return slept
    }
}
