public import PondKit

/// A clock that stands still until a test moves it.
public final class ManualClock: LoopClock {
    private struct State {
        var now = MonotonicTime.zero
        var wakers: [@Sendable () -> Void] = []
    }

    private let state = Lock(State())

    public init() {}

    public func now() -> MonotonicTime { self.state.withLock { $0.now } }

    public var passesByItself: Bool { false }

    public func whenMoved(_ wake: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.wakers.append(wake) }
    }

    /// Moves the time and wakes the loops that read it.
    public func advance(by duration: Duration) {
        let wakers = self.state.withLock { state in
            state.now = state.now + duration
            return state.wakers
        }
        for wake in wakers { wake() }
    }
}
