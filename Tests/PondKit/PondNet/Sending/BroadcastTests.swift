import Testing

@testable import PondNet
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct BroadcastTests {
    /// Writes rounds of broadcasts to every connection as soon as there are enough of them.
    private final class Broadcaster: ByteChannelReceiver {
        private final class Key {}

        private let count: Int
        private let rounds: Int
        private let size: Int
        private var channels: [ByteChannel] = []

        init(count: Int, rounds: Int, size: Int) {
            self.count = count
            self.rounds = rounds
            self.size = size
        }

        func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
            self.channels.append(channel)
            guard self.channels.count == self.count else { return }
            for round in 0..<self.rounds {
                let key = Key()
                for (index, channel) in self.channels.enumerated() {
                    channel.write(sharedBy: key, variant: 0, maximum: self.size) { space in
                        space.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: round))
                        return self.size
                    }
                    // Every other connection gets bytes of its own between, so that its ranges do not touch.
                    if (index + round) % 2 == 0 { channel.write(BroadcastTests.own(index, round)) }
                }
            }
            for channel in self.channels { channel.close() }
        }

        func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {}
    }

    private static func own(_ index: Int, _ round: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 1 + (index + round) % 7)
    }

    @Test(arguments: [SendingMethod.plain, .batched], [(40, 30, 200), (12, 40, 60_000)])
    func everyConnectionGetsEveryByteInOrder(sending: SendingMethod, shape: (Int, Int, Int)) async throws {
        let (count, rounds, size) = shape
        let server = EventLoop(name: "server", sending: sending)
        let clientLoop = EventLoop(name: "client")
        server.start()
        clientLoop.start()
        let broadcaster = LoopConfined(Broadcaster(count: count, rounds: rounds, size: size), to: server)
        let listener = try await Listener.listen(
            on: try #require(SocketAddress(ip: "127.0.0.1", port: 0)),
            loops: [server]
        ) { channel in channel.receiver = broadcaster.value }
        var clients: [LoopbackClient] = []
        for _ in 0..<count {
            let client = try await LoopbackClient.connect(to: listener.address, on: clientLoop)
            await client.write([1])
            clients.append(client)
        }
        // The server met them in the order in which their first byte came, which need not be this order.
        var seen = Set<Int>()
        for client in clients {
            #expect(await client.ended() == .closed)
            let bytes = await client.all()
            let index = (0..<count).first { !seen.contains($0) && bytes == Self.expected($0, rounds, size) }
            seen.insert(try #require(index, "the bytes are nobody's"))
        }
        await listener.close()
        await server.stop()
        await clientLoop.stop()
    }

    private static func expected(_ index: Int, _ rounds: Int, _ size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for round in 0..<rounds {
            bytes += [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: size)
            if (index + round) % 2 == 0 { bytes += self.own(index, round) }
        }
        return bytes
    }

    @Test func aBatchedLoopSaysWhetherTheKernelLetsIt() async throws {
        let loop = EventLoop(name: "server", sending: .batched)
        loop.start()
        let isBatched = try await loop.run { Outbound.of(loop).isBatched }
        if !isBatched { print("skipped: io_uring is not to be had here; batched loops send plainly") }
        await loop.stop()
    }
}
