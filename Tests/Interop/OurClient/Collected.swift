import PondKit

/// Collects what listeners hear, and waits for it.
final class Collected<Value: Sendable>: Sendable {
    private let state = Lock<[Value]>([])

    var values: [Value] { self.state.withLock { $0 } }

    func add(_ value: Value) { self.state.withLock { $0.append(value) } }
}

/// Waits for a condition that other threads bring about; false when it does not come within the time.
func until(_ seconds: Int = 10, _ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return true
}
