import Testing

@testable import PondNet
@testable import PondRuntime

/// The client's end of a connection, byte by byte, driven from a test's task.
final class RawPeer: Sendable {
    private let loop: EventLoop
    private let channel: LoopConfined<ByteChannel>
    private let collector: LoopConfined<Collector>

    private init(_ channel: ByteChannel, _ collector: Collector, on loop: EventLoop) {
        self.loop = loop
        self.channel = LoopConfined(channel, to: loop)
        self.collector = LoopConfined(collector, to: loop)
    }

    static func connect(to address: SocketAddress, on loop: EventLoop) async throws -> RawPeer {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                Connector.connect(to: address, on: loop) { result in
                    let peer = result.map { channel in
                        let collector = Collector()
                        channel.receiver = collector
                        return RawPeer(channel, collector, on: loop)
                    }
                    continuation.resume(with: peer)
                }
            }
        }
    }

    func write(_ bytes: [UInt8]) async { await self.onChannel { $0.write(bytes) } }
    func write(_ text: String) async { await self.write(Array(text.utf8)) }
    func pauseReading() async { await self.onChannel { $0.pauseReading() } }
    func resumeReading() async { await self.onChannel { $0.resumeReading() } }
    func abort() async { await self.onChannel { $0.abort() } }
    func close() async { await self.onChannel { $0.close() } }

    private func onChannel(_ body: @escaping @Sendable (ByteChannel) -> Void) async {
        let channel = self.channel
        try? await self.loop.run { body(channel.value) }
    }

    /// Everything that came, as soon as it satisfies the condition or the connection is over.
    @discardableResult
    func bytes(until condition: @escaping @Sendable ([UInt8]) -> Bool) async -> [UInt8] {
        let collector = self.collector
        return await withCheckedContinuation { continuation in
            self.loop.execute { collector.value.wait(condition) { continuation.resume(returning: $0) } }
        }
    }

    /// Everything that came, as text, as soon as it holds this or the connection is over.
    @discardableResult
    func text(holding part: String) async -> String {
        String(decoding: await self.bytes { String(decoding: $0, as: UTF8.self).contains(part) }, as: UTF8.self)
    }

    /// Waits for this and drops everything that came so far.
    func forget(through part: String) async {
        await self.text(holding: part)
        let collector = self.collector
        try? await self.loop.run { collector.value.clear() }
    }

    /// Everything that came until the server ended the connection.
    func textUntilEnd() async -> String { String(decoding: await self.bytes { _ in false }, as: UTF8.self) }

    private final class Collector: ByteChannelReceiver {
        private var bytes: [UInt8] = []
        private var isOver = false
        private var waiting: [(condition: ([UInt8]) -> Bool, body: ([UInt8]) -> Void)] = []

        func wait(_ condition: @escaping ([UInt8]) -> Bool, _ body: @escaping ([UInt8]) -> Void) {
            self.waiting.append((condition, body))
            self.check()
        }

        func clear() { self.bytes.removeAll(keepingCapacity: true) }

        func channel(_ channel: ByteChannel, received bytes: UnsafeMutableRawBufferPointer) {
            self.bytes.append(contentsOf: bytes)
            self.check()
        }

        func channelInputEnded(_ channel: ByteChannel) {
            channel.close()
            self.isOver = true
            self.check()
        }

        func channel(_ channel: ByteChannel, ended end: ByteChannelEnd) {
            self.isOver = true
            self.check()
        }

        private func check() {
            let all = self.waiting
            self.waiting = []
            for one in all {
                if self.isOver || one.condition(self.bytes) { one.body(self.bytes) } else { self.waiting.append(one) }
            }
        }
    }
}
