import PondKit

/// Holds handlers back until a test lets them go.
final class Gate: Sendable {
    private struct State {
        var open = false
        var waiting = Queue<CheckedContinuation<Void, Never>>()
    }

    private let state = Lock(State())

    var waiting: Int { self.state.withLock { $0.waiting.count } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let open = self.state.withLock { state in
                if !state.open { state.waiting.append(continuation) }
                return state.open
            }
            if open { continuation.resume() }
        }
    }

    /// Lets go whoever waits, and everyone who comes later.
    func open() {
        let waiting = self.state.withLock { state in
            state.open = true
            let waiting = state.waiting
            state.waiting.removeAll()
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Lets go the one who waits longest.
    func openOnce() {
        let first = self.state.withLock { $0.waiting.popFirst() }
        first?.resume()
    }
}
