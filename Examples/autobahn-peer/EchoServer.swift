import PondKit

/// A WebSocket server that sends back what it gets.
enum EchoServer {
    /// Listens on a loop of its own and gives the address it got.
    static func start(on address: SocketAddress) async throws -> SocketAddress {
        let loop = EventLoop(name: "echo")
        loop.start()
        let context = try await loop.run {
            LoopConfined(WebSocketContext(limits: AutobahnPeer.limits, deflate: AutobahnPeer.deflate), to: loop)
        }
        let listener = try await Listener.listen(on: address, loops: [loop]) { channel in
            channel.receiver = EchoHandshake(context.value)
        }
        return listener.address
    }
}

/// Reads one request and answers its upgrade.
private final class EchoHandshake: ByteChannelReceiver {
    private let context: WebSocketContext
    private var decoder = HTTPRequestDecoder(AutobahnPeer.limits)
    private var head: HTTPRequestHead?

    init(_ context: WebSocketContext) { self.context = context }

    func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
        var input = UnsafeRawBufferPointer(bytes)
        do throws(HTTPFault) {
            while let part = try self.decoder.next(&input) {
                switch part {
                case .head(let head): self.head = head
                case .body: continue
                case .end: return self.answer(channel, rest: Array(input))
                }
            }
        } catch {
            self.refuse(channel, error.status)
        }
    }

    func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {}

    private func answer(_ channel: ByteChannel, rest: [UInt8]) {
        guard let head = self.head else { return }
        guard
            case .accept(let answer, let deflate) = WebSocketHandshake.answer(
                to: head,
                deflate: AutobahnPeer.deflate
            )
        else { return self.refuse(channel, 400) }
        channel.write(answer.response)
        let transport = WebSocketTransport(channel, role: .server, context: self.context, deflate: deflate)
        Echo.attach(to: transport)
        transport.begin(after: rest)
    }

    private func refuse(_ channel: ByteChannel, _ status: Int) {
        channel.write(HTTPEncoder.response(status))
        channel.close()
    }
}
