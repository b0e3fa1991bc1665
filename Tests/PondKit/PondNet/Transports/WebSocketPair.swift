import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime

/// A server's WebSocket transport and what its receiver heard, with a raw peer at the other end.
final class WebSocketPair: Sendable {
    let serverLoop: EventLoop
    let clientLoop = EventLoop(name: "client")
    let peer: RawPeer
    private let listener: Listener
    private let side: LoopConfined<Side>

    /// What the receiver heard, in order: texts, then the end.
    final class Side: TransportReceiver {
        var transport: WebSocketTransport?
        /// Stays when the transport is over.
        private(set) var hasBegun = false
        private(set) var heard: [String] = []
        private var waiting: [(condition: () -> Bool, body: () -> Void)] = []
        var whenReceived: ((WebSocketTransport, [UInt8]) -> Void)?

        func wait(_ condition: @escaping () -> Bool, _ body: @escaping () -> Void) {
            self.waiting.append((condition, body))
            self.check()
        }

        func begin(_ transport: WebSocketTransport) {
            self.transport = transport
            self.hasBegun = true
            transport.receiver = self
            transport.begin()
            self.check()
        }

        func transport(_ transport: any Transport, received message: UnsafeRawBufferPointer) {
            self.heard.append(String(decoding: message, as: UTF8.self))
            if let transport = self.transport { self.whenReceived?(transport, Array(message)) }
            self.check()
        }

        func transport(_ transport: any Transport, ended end: TransportEnd) {
            self.heard.append("\(end.clean ? "clean" : "unclean") \(end.code) \(end.reason)")
            self.transport = nil
            self.check()
        }

        private func check() {
            let all = self.waiting
            self.waiting = []
            for one in all {
                if one.condition() { one.body() } else { self.waiting.append(one) }
            }
        }
    }

    init(
        _ limits: Limits = .default,
        deflate: DeflateParameters? = nil,
        options: DeflateOptions? = nil,
        clock: any LoopClock = SystemClock()
    ) async throws {
        self.serverLoop = EventLoop(name: "server", clock: clock)
        self.serverLoop.start()
        self.clientLoop.start()
        let loop = self.serverLoop
        let side = try await loop.run { LoopConfined(Side(), to: loop) }
        self.side = side
        let any = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
        let context = try await loop.run { LoopConfined(WebSocketContext(limits: limits, deflate: options), to: loop) }
        self.listener = try await Listener.listen(on: any, loops: [loop]) { channel in
            side.value.begin(WebSocketTransport(channel, role: .server, context: context.value, deflate: deflate))
        }
        self.peer = try await RawPeer.connect(to: self.listener.address, on: self.clientLoop)
        await withCheckedContinuation { continuation in
            loop.execute { side.value.wait({ side.value.hasBegun }, { continuation.resume() }) }
        }
    }

    /// Does something with the transport, on its loop.
    func server(_ body: @escaping @Sendable (WebSocketTransport) -> Void) async {
        let side = self.side
        try? await self.serverLoop.run { side.value.transport.map(body) }
    }

    func whenReceived(_ body: @escaping @Sendable (WebSocketTransport, [UInt8]) -> Void) async throws {
        let side = self.side
        try await self.serverLoop.run { side.value.whenReceived = body }
    }

    /// What the receiver heard, as soon as it satisfies the condition.
    @discardableResult
    func heard(until condition: @escaping @Sendable ([String]) -> Bool) async -> [String] {
        let side = self.side
        return await withCheckedContinuation { continuation in
            self.serverLoop.execute {
                side.value.wait({ condition(side.value.heard) }, { continuation.resume(returning: side.value.heard) })
            }
        }
    }

    /// The last thing the receiver heard, once that is the end.
    func end() async -> String {
        await self.heard { $0.last?.contains("clean ") == true }.last ?? ""
    }

    func stop() async {
        await self.listener.close()
        await self.serverLoop.stop()
        await self.clientLoop.stop()
    }
}

extension [UInt8] {
    /// A frame as a client sends it.
    static func masked(_ opcode: WebSocketOpcode, _ text: String, isFinal: Bool = true) -> [UInt8] {
        self.masked(opcode, Array(text.utf8), isFinal: isFinal)
    }

    /// A frame as a client sends it.
    static func masked(_ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        WebSocketFrameEncoder.frame(
            opcode,
            payload,
            isFinal: isFinal,
            mask: WebSocketMask(littleEndian: 0x1B2C_3D4E)
        )
    }

    /// A close frame as a client sends it.
    static func maskedClose(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        WebSocketFrameEncoder.close(code: code, reason: reason, mask: WebSocketMask(littleEndian: 0x1B2C_3D4E))
    }

    /// A frame as a server sends it.
    static func plain(_ opcode: WebSocketOpcode, _ text: String) -> [UInt8] {
        WebSocketFrameEncoder.frame(opcode, Array(text.utf8))
    }

    /// A close frame as a server sends it.
    static func plainClose(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        WebSocketFrameEncoder.close(code: code, reason: reason)
    }
}
