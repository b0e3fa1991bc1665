/// A machine that reads one WebSocket, apart from its transport: between two messages a connection needs none.
final class WebSocketReader {
    var machine: WebSocketMachine
    /// Whether it can read any WebSocket that inflates as this one does, once a message is over.
    let isShared: Bool
    let inflates: Bool

    init(role: WebSocketRole, limits: Limits, inflater: Inflater?, isShared: Bool) {
        self.machine = WebSocketMachine(role: role, limits: limits, inflater: inflater)
        self.inflates = inflater != nil
        self.isShared = isShared
    }
}
