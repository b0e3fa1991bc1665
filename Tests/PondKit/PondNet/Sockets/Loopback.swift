import PondTestSupport
import Testing

@testable import PondNet
@testable import PondRuntime

/// A server on this machine and clients for it, driven from a test.
final class Loopback: Sendable {
    enum Behaviour: Sendable {
        /// Writes back what it reads.
        case echo
        /// Writes so many bytes at the first byte it reads, and closes.
        case sendAndClose(bytes: Int)
        /// Writes back everything when the client has said its last.
        case echoAtEnd
        /// Leaves its side open when the client closes.
        case ignoreEnd
    }

    let listener: Listener
    let loops: [EventLoop]
    let clientLoop: EventLoop
    private let server: Server

    init(
        address: SocketAddress? = nil,
        loops count: Int = 1,
        behaviour: Behaviour = .echo,
        gate: ConnectionGate? = nil,
        tls: TLSServer? = nil,
        handshakeTime: Duration = .seconds(10)
    ) async throws {
        let loops = (0..<count).map { EventLoop(name: "server-\($0)") }
        self.loops = loops
        self.clientLoop = EventLoop(name: "client")
        for loop in loops + [self.clientLoop] { loop.start() }
        let server = Server(behaviour)
        self.server = server
        let anyPort = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
        self.listener = try await Listener.listen(
            on: address ?? anyPort,
            loops: loops,
            gate: gate,
            tls: tls,
            handshakeTime: handshakeTime
        ) { channel in
            channel.receiver = ServedChannel(server)
        }
    }

    func connect(tls: TLSClient? = nil) async throws -> LoopbackClient {
        try await LoopbackClient.connect(to: self.listener.address, tls: tls, on: self.clientLoop)
    }

    /// How the first connection ended for the server.
    func serverEnd() async -> ByteChannelEnd { await self.server.end.value() }

    /// What the server wrote back when its client had ended.
    func served() async -> [UInt8] { await self.server.served.value() }

    func stop() async {
        await self.listener.close()
        for loop in self.loops + [self.clientLoop] { await loop.stop() }
    }

    private final class Server: Sendable {
        let behaviour: Behaviour
        let end = Awaited<ByteChannelEnd>()
        let served = Awaited<[UInt8]>()

        init(_ behaviour: Behaviour) { self.behaviour = behaviour }
    }

    private final class ServedChannel: ByteChannelReceiver {
        private let server: Server
        private var collected: [UInt8] = []

        init(_ server: Server) { self.server = server }

        func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
            switch self.server.behaviour {
            case .echo, .ignoreEnd:
                channel.write(UnsafeRawBufferPointer(bytes))
            case .sendAndClose(let count):
                channel.write([UInt8](repeating: 7, count: count))
                channel.close()
            case .echoAtEnd:
                self.collected += bytes
            }
        }

        func channelInputEnded(_ channel: ByteChannel) {
            switch self.server.behaviour {
            case .ignoreEnd:
                return
            case .echoAtEnd:
                channel.write(self.collected)
                self.server.served.set(self.collected)
                channel.close()
            case .echo, .sendAndClose:
                channel.close()
            }
        }

        func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) { self.server.end.set(end) }
    }
}
