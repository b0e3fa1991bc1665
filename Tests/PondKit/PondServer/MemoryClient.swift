import PondKit

/// A client of a server whose loops have threads; it waits for what comes instead of driving the loops.
final class MemoryClient: TransportReceiver, Sendable {
    private struct State {
        var transport: MemoryTransport?
        var messages = Queue<ServerMessage>()
        var end: UInt16?
        var waiting: [CheckedContinuation<Void, Never>] = []
        var requests = 0
    }

    private let pond: PondSocket
    private let loop: EventLoop
    private let state = Lock(State())

    init(_ pond: PondSocket, _ loop: EventLoop) {
        self.pond = pond
        self.loop = loop
    }

    /// Connects and takes the greeting.
    func connect(_ target: String) async {
        let query = (try? RoutePattern("*").match(target)?.query) ?? [:]
        let path = String(target.prefix { $0 != "?" })
        self.loop.execute { [self] in
            self.pond.open(ConnectionRequest(path: path, query: query), on: self.loop) { answer in
                guard case .accept(let accepted) = answer else { return }
                let (server, client) = MemoryTransport.pair(self.loop, self.loop)
                self.state.withLock { $0.transport = client }
                client.receiver = self
                accepted.attach(server)
            }
        }
        _ = await self.next()
    }

    @discardableResult
    func send(_ action: ClientAction, _ channel: String, _ event: String = "x", _ payload: Payload = .empty) -> String {
        let id = self.state.withLock { state in
            state.requests += 1
            return "m\(state.requests)"
        }
        let message = ClientMessage(
            action: action,
            event: event,
            channelName: channel,
            requestId: id,
            payload: payload
        )
        let frame = Frame(text: message.encoded(), event: "")
        self.loop.execute { [self] in self.state.withLock { $0.transport }?.send(frame) }
        return id
    }

    func abort() { self.loop.execute { [self] in self.state.withLock { $0.transport }?.abort() } }

    /// The next message; `nil` at the end of the connection.
    func next() async -> ServerMessage? {
        while true {
            let (message, ended): (ServerMessage?, Bool) = self.state.withLock { state in
                (state.messages.popFirst(), state.end != nil)
            }
            if message != nil || ended { return message }
            await self.wait()
        }
    }

    /// How the connection ended.
    func ended() async -> UInt16 {
        while true {
            if let end = self.state.withLock({ $0.end }) { return end }
            await self.wait()
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let now = self.state.withLock { state in
                guard state.messages.isEmpty, state.end == nil else { return true }
                state.waiting.append(continuation)
                return false
            }
            if now { continuation.resume() }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiting = self.state.withLock { state in
            change(&state)
            let waiting = state.waiting
            state.waiting = []
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
        guard let parsed = try? ServerMessage(parsing: message) else { return }
        self.wake { $0.messages.append(parsed) }
    }

    func transport(_ transport: any Transport, ended end: TransportEnd) {
        self.wake { state in
            state.end = end.code
            state.transport = nil
        }
    }
}
