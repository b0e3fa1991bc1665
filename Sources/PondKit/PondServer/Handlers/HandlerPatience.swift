import PondRuntime

/// Completes a handler once: when it ends, or when its time is up.
///
/// Confined to a loop.
final class HandlerPatience {
    var timer: TimerID?
    private var ended = false

    /// Whether this is the first end.
    func end(on loop: EventLoop) -> Bool {
        guard !self.ended else { return false }
        self.ended = true
        if let timer = self.timer { loop.cancel(timer) }
        return true
    }
}
