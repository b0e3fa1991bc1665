import PondKit

/// What reached a test's client.
final class TestMailbox: TransportReceiver, Sendable {
    private struct State {
        var messages = Queue<ServerMessage>()
        var end: TransportEnd?
        var refusal: PondError?
        var transport: MemoryTransport?
    }

    private let state = Lock(State())

    var refusal: PondError? { self.state.withLock { $0.refusal } }
    var end: TransportEnd? { self.state.withLock { $0.end } }
    var transport: MemoryTransport? { self.state.withLock { $0.transport } }

    func refuse(_ error: PondError) { self.state.withLock { $0.refusal = error } }

    func attach(_ transport: MemoryTransport) {
        self.state.withLock { $0.transport = transport }
        transport.receiver = self
    }

    func next() -> ServerMessage? {
        self.state.withLock { $0.messages.popFirst() }
    }

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        guard let parsed = try? ServerMessage(parsing: message) else { return }
        self.state.withLock { $0.messages.append(parsed) }
    }

    func transport(_ transport: any Transport, ended end: TransportEnd) {
        self.state.withLock { state in
            state.end = end
            state.transport = nil
        }
    }
}
