import PondRuntime

/// Who listens to one kind of value; listeners come and go on any thread and are called on the client's loop.
final class Listeners<Value>: Sendable {
    private struct Entry {
        let id: UInt64
        let call: @Sendable (Value) -> Void
        let finished: (@Sendable () -> Void)?
    }

    private struct State {
        var listeners: [Entry] = []
        var nextID: UInt64 = 0
        var isFinished = false
    }

    private let state = Lock(State())

    /// Calls `listener` for every value from now on, and `finished` when no more can come.
    ///
    /// `begin` runs before any of these values can come, and after whatever was changed with the value before.
    func add(
        _ listener: @escaping @Sendable (Value) -> Void,
        finished: (@Sendable () -> Void)? = nil,
        begin: () -> Void = {}
    ) -> ClientSubscription {
        let id: UInt64? = self.state.withLock { state in
            begin()
            guard !state.isFinished else { return nil }
            state.nextID += 1
            state.listeners.append(Entry(id: state.nextID, call: listener, finished: finished))
            return state.nextID
        }
        guard let id else {
            finished?()
            return ClientSubscription {}
        }
        return ClientSubscription { [weak self] in
            self?.state.withLock { state in state.listeners.removeAll { $0.id == id } }
        }
    }

    var isEmpty: Bool { self.state.withLock { $0.listeners.isEmpty } }

    /// Tells a value; `changing` makes it visible to others in the moment that divides who hears of it from who does not.
    func publish(_ value: Value, changing: () -> Void = {}) {
        let listeners = self.state.withLock { state in
            changing()
            return state.listeners
        }
        for listener in listeners { listener.call(value) }
    }

    /// No more values will come.
    func finish() {
        let listeners = self.state.withLock { state in
            defer { state.listeners = [] }
            state.isFinished = true
            return state.listeners
        }
        for listener in listeners { listener.finished?() }
    }
}
