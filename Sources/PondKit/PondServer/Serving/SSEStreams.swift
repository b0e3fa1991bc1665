import PondNet
import PondRuntime

/// The open event streams of a server by their secret ids, for the requests that come beside them on any loop.
final class SSEStreams: Sendable {
    struct Entry: Sendable {
        let loop: EventLoop
        let transport: LoopConfined<SSEServerTransport>
    }

    private let entries = Lock<[String: Entry]>([:])

    func add(_ transport: SSEServerTransport, id: String, on loop: EventLoop) {
        let entry = Entry(loop: loop, transport: LoopConfined(transport, to: loop))
        self.entries.withLock { $0[id] = entry }
    }

    func remove(_ id: String) { self.entries.withLock { $0[id] = nil } }

    func find(_ id: String) -> Entry? { self.entries.withLock { $0[id] } }
}
