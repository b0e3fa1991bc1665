import PondTestSupport
import Testing

@testable import PondNet
@testable import PondRuntime

/// The client's end of a connection, usable from a test's task.
final class LoopbackClient: Sendable {
    private let loop: EventLoop
    private let channel: LoopConfined<ByteChannel>
    private let collector: LoopConfined<Collector>
    private let end: Awaited<ByteChannelEnd>

    private init(channel: ByteChannel, collector: Collector, on loop: EventLoop) {
        self.loop = loop
        self.channel = LoopConfined(channel, to: loop)
        self.collector = LoopConfined(collector, to: loop)
        self.end = collector.end
    }

    static func connect(
        to address: SocketAddress,
        tls: TLSClient? = nil,
        on loop: EventLoop
    ) async throws -> LoopbackClient {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                Connector.connect(to: address, tls: tls, on: loop) { result in
                    continuation.resume(with: result.map { Self.adopt($0, on: loop) })
                }
            }
        }
    }

    static func adopt(_ channel: ByteChannel, on loop: EventLoop) -> LoopbackClient {
        let collector = Collector()
        channel.receiver = collector
        return LoopbackClient(channel: channel, collector: collector, on: loop)
    }

    func write(_ bytes: [UInt8]) async { await self.onLoop { $0.write(bytes) } }
    func pause() async { await self.onLoop { $0.pauseReading() } }
    func resume() async { await self.onLoop { $0.resumeReading() } }
    func abort() async { await self.onLoop { $0.abort() } }
    func close(within limit: Duration = .seconds(5)) async { await self.onLoop { $0.close(within: limit) } }

    /// The first so many bytes, when they are there or the channel has ended.
    func received(_ count: Int) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            let collector = self.collector
            self.loop.execute { collector.value.wait(for: count) { continuation.resume(returning: $0) } }
        }
    }

    /// Everything that arrived.
    func all() async -> [UInt8] {
        let collector = self.collector
        return (try? await self.loop.run { collector.value.bytes }) ?? []
    }

    func ended() async -> ByteChannelEnd { await self.end.value() }

    private func onLoop(_ body: @escaping @Sendable (ByteChannel) -> Void) async {
        let channel = self.channel
        try? await self.loop.run { body(channel.value) }
    }

    private final class Collector: ByteChannelReceiver {
        let end = Awaited<ByteChannelEnd>()
        private(set) var bytes: [UInt8] = []
        private var waiting: (count: Int, body: ([UInt8]) -> Void)?
        private var isOver = false

        func wait(for count: Int, _ body: @escaping ([UInt8]) -> Void) {
            self.waiting = (count, body)
            self.check()
        }

        func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
            self.bytes += bytes
            self.check()
        }

        func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
            self.isOver = true
            self.check()
            self.end.set(end)
        }

        private func check() {
            guard let waiting = self.waiting, self.isOver || self.bytes.count >= waiting.count else { return }
            self.waiting = nil
            waiting.body(Array(self.bytes.prefix(waiting.count)))
        }
    }
}
