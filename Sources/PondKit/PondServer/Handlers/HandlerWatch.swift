import PondCore

/// Finds handlers that keep an event loop from everything else for too long.
///
/// Costs one look at the clock per handler: a handler began, at the earliest, when the turn began or the previous
/// handler of this loop ended.
struct HandlerWatch {
    private let limit: Duration
    private var lastEnd = MonotonicTime.zero

    init(limit: Duration) { self.limit = limit }

    /// A handler that cannot suspend has ended; returns how long it took if that was too long.
    mutating func ended(at now: MonotonicTime, turnStart: MonotonicTime) -> Duration? {
        let taken = now - max(turnStart, self.lastEnd)
        self.lastEnd = now
        return taken > self.limit ? taken : nil
    }
}
