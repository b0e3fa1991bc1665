import PondCore
import PondNet
import PondRuntime

/// Serves a `PondSocket` over HTTP/1.1 on one address: upgrades, event streams, and plain routes beside them.
final class HTTPServer: Sendable {
    /// What each connection needs of the server it came to.
    struct Settings: Sendable {
        let pond: PondSocket
        let deflate: DeflateOptions?
        /// Answers requests outside of the endpoints; `nil` is 404.
        let routes: @Sendable (HTTPRequest) -> HTTPResponse?
        let streams = SSEStreams()

        var limits: Limits { self.pond.options.limits }
    }

    /// Where it listens.
    var address: SocketAddress { self.listener.address }
    private let listener: Listener

    private init(listener: Listener) { self.listener = listener }

    /// Listens for a server that has been started.
    static func start(
        _ settings: Settings,
        on address: SocketAddress,
        tls: TLSServer? = nil
    ) async throws(PondError) -> HTTPServer {
        let limits = settings.limits
        let contexts = settings.pond.loops.map { loop in
            (loop, LoopConfined(HTTPLoopContext(settings), to: loop))
        }
        // The server's own count answers with 503; this one is for sockets that never get so far. Connections
        // through proxies all have the proxy's address.
        let gate = ConnectionGate(
            total: limits.connections + limits.connections / 8 + 64,
            perAddress: settings.pond.options.trustedProxies.isEmpty ? limits.connectionsPerAddress + 64 : .max
        )
        let listener = try await Listener.listen(
            on: address,
            loops: settings.pond.loops,
            gate: gate,
            tls: tls,
            handshakeTime: limits.handshakeTime
        ) { channel in
            guard let context = contexts.first(where: { $0.0 === channel.loop })?.1 else { return channel.abort() }
            HTTPConnection(channel, context: context.value).begin()
        }
        return HTTPServer(listener: listener)
    }

    /// Takes no more connections.
    func close() async { await self.listener.close() }
}
