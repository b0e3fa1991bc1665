import PondClient
import PondCore
import PondNet
import PondRuntime
import PondServer

/// Connects clients to a server in the same process, without a network that anybody else could reach.
///
/// ```swift
/// options.connector = InProcessConnector(pond)
/// let client = try PondClient("ws://here/socket", options: options)
/// ```
public final class InProcessConnector: ClientConnector {
    /// The two ends of one connection.
    private struct Link {
        weak var client: MemoryTransport?
        weak var server: MemoryTransport?
        let clientLoop: EventLoop
        let serverLoop: EventLoop
    }

    private struct State {
        var links: [Link] = []
        var isReachable = true
        var next = 0
    }

    /// What of a connection to cut off.
    public enum Side: Sendable {
        /// What the server sent and the client has not got is lost; the server still gets the rest.
        case client
        /// What the client sent and the server has not got is lost; the client still gets the rest.
        case server
        /// Everything under way is lost.
        case both
    }

    private let pond: PondSocket
    private let kind: TransportKind
    private let state = Lock(State())

    /// A connector to a server that has been started.
    public init(_ pond: PondSocket, kind: TransportKind = .webSocket) {
        self.pond = pond
        self.kind = kind
    }

    /// Whether new connections succeed; existing ones stay as they are.
    public var isReachable: Bool {
        get { self.state.withLock { $0.isReachable } }
        set { self.state.withLock { $0.isReachable = newValue } }
    }

    /// Breaks every connection there is, as a network does.
    public func cut(_ side: Side = .both) {
        let links = self.state.withLock { state in
            defer { state.links = [] }
            return state.links
        }
        for link in links {
            if side != .client, let server = link.server { link.serverLoop.execute { server.abort() } }
            if side != .server, let client = link.client { link.clientLoop.execute { client.abort() } }
        }
    }

    public func connect(
        to target: ClientTarget,
        on loop: EventLoop,
        completion: @escaping (Result<any Transport, PondError>) -> Void
    ) {
        let answer = LoopConfined(completion, to: loop)
        guard self.isReachable, let serverLoop = self.nextLoop() else {
            return loop.execute { answer.value(.failure(.unavailable("Nothing listens in this process"))) }
        }
        let request = ConnectionRequest(
            path: target.path,
            query: PercentCoding.query(target.query.utf8),
            headers: target.headers,
            remoteAddress: "127.0.0.1",
            kind: self.kind
        )
        serverLoop.execute {
            self.pond.open(request, on: serverLoop) { decision in
                switch decision {
                case .decline(let status, let message, let headers):
                    let error = PondError(declined: status, message: message, headers: headers)
                    loop.execute { answer.value(.failure(error)) }
                case .accept(let accepted):
                    let limits = self.pond.options.limits
                    let (server, client) = MemoryTransport.pair(serverLoop, loop, kind: self.kind, limits: limits)
                    self.keep(Link(client: client, server: server, clientLoop: loop, serverLoop: serverLoop))
                    loop.execute { answer.value(.success(client)) }
                    accepted.attach(server)
                }
            }
        }
    }

    private func nextLoop() -> EventLoop? {
        let loops = self.pond.loops
        guard !loops.isEmpty else { return nil }
        let index = self.state.withLock { state in
            state.next &+= 1
            return state.next % loops.count
        }
        return loops[abs(index)]
    }

    private func keep(_ link: Link) {
        self.state.withLock { state in
            state.links.removeAll { $0.client == nil && $0.server == nil }
            state.links.append(link)
        }
    }
}
