import PondCore

/// A machine that reads one WebSocket, apart from its transport: between two messages a connection needs none.
final class WebSocketReader {
    /// In plain memory: a class's variables are checked for exclusive access each time.
    let machine: UnsafeMutablePointer<WebSocketMachine>
    /// Whether it can read any WebSocket that inflates as this one does, once a message is over.
    let isShared: Bool
    let inflates: Bool
    /// Whether what it holds is counted among the unfinished messages.
    var isCounted = false

    init(role: WebSocketRole, limits: Limits, inflater: Inflater?, isShared: Bool) {
        self.machine = .allocate(capacity: 1)
        self.machine.initialize(to: WebSocketMachine(role: role, limits: limits, inflater: inflater))
        self.inflates = inflater != nil
        self.isShared = isShared
    }

    deinit {
        self.machine.deinitialize(count: 1)
        self.machine.deallocate()
    }
}
