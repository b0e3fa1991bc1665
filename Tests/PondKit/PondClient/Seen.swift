import PondKit

/// Collects what listeners hear.
final class Seen<Value: Sendable>: Sendable {
    private let state = Lock<[Value]>([])

    var values: [Value] { self.state.withLock { $0 } }

    func add(_ value: Value) { self.state.withLock { $0.append(value) } }
}
