import Testing

@testable import PondCore
@testable import PondNet
@testable import PondServer

/// What slow and hostile peers are answered, while a well-behaved one is served beside them.
@Suite(.timeLimit(.minutes(1))) struct HostilePeerTests {
    /// Small bounds, so that reaching one takes neither long nor much.
    private static func limits(_ change: (inout Limits) -> Void = { _ in }) -> (inout PondOptions) -> Void {
        var limits = Limits()
        limits.handshakeTime = .milliseconds(300)
        limits.closeTime = .milliseconds(100)
        limits.handshakeBytes = 2048
        limits.headerCount = 20
        limits.messageBytes = 64 * 1024
        limits.inflatedBytes = 64 * 1024
        limits.messageFragments = 16
        limits.sseBodyBytes = 4096
        change(&limits)
        return { [limits] in $0.limits = limits }
    }

    /// Asks for an echo and gets it: what a well-behaved peer expects at any time.
    private static func isServed(_ peer: RawPeer, _ number: Int = 1) async -> Bool {
        await peer.write(.masked(.text, HTTPHarness.message("BROADCAST", "echo", #"{"n":\#(number)}"#)))
        return await peer.text(holding: #""payload":{"n":\#(number)}}"#).contains(#""payload":{"n":\#(number)}}"#)
    }

    private static func goodPeer(_ harness: HTTPHarness) async throws -> RawPeer {
        let peer = try await harness.webSocket()
        await peer.write(.masked(.text, HTTPHarness.message("JOIN_CHANNEL", "JOIN_CHANNEL")))
        await peer.text(holding: "ACKNOWLEDGE")
        return peer
    }

    /// The close code a raw peer was told, when the connection was closed on it.
    private static func closeCode(_ peer: RawPeer) async -> Int? {
        let bytes = await peer.bytes { _ in false }
        let start = bytes.firstRange(of: [13, 10, 13, 10]).map(\.upperBound) ?? bytes.startIndex
        var frames = Array(bytes[start...])
        var machine = WebSocketMachine(role: .client, limits: .default)
        return frames.withUnsafeMutableBytes { buffer in
            var input = buffer
            while true {
                switch machine.next(&input) {
                case .closed(let code, _): return Int(code)
                case .needMore, .failed: return nil
                case .message, .ping, .pong: continue
                }
            }
        }
    }

    @Test func aHandshakeOfAByteAtATimeHasADeadline() async throws {
        let harness = try await HTTPHarness(Self.limits())
        let good = try await Self.goodPeer(harness)
        let slow = try await harness.connect()
        // Byte after byte, each one when the one before is on its way, until the server has enough.
        let sender = Task {
            let endless = Array("GET /socket HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [UInt8](repeating: 0x79, count: 1900)
            for byte in endless where !Task.isCancelled { await slow.write([byte]) }
        }
        #expect(await slow.textUntilEnd().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        sender.cancel()
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        let harness = try await HTTPHarness(Self.limits())
        let silent = try await harness.connect()
        #expect(await silent.textUntilEnd().isEmpty)
        await harness.stop()
    }

    @Test func aBodyThatNeverEndsHasADeadline() async throws {
        let harness = try await HTTPHarness(Self.limits())
        let (_, id) = try await harness.stream()
        let slow = try await harness.connect()
        await slow.write(
            HTTPHarness.lines("POST /socket HTTP/1.1\nHost: a\nX-Connection-ID: \(id)\nContent-Length: 9\n\nabc")
        )
        #expect(await slow.textUntilEnd().hasPrefix("HTTP/1.1 408 "))
        await harness.stop()
    }

    @Test func endlessHeadersAreRefused() async throws {
        let harness = try await HTTPHarness(Self.limits())
        let good = try await Self.goodPeer(harness)
        let start = "GET /socket HTTP/1.1\nHost: a\n"
        let many = try await harness.answer(start + String(repeating: "X: y\n", count: 30))
        #expect(many.hasPrefix("HTTP/1.1 431 ") && many.contains("Too many header fields"))
        let long = try await harness.answer(start + "X: " + String(repeating: "y", count: 3000))
        #expect(long.hasPrefix("HTTP/1.1 431 ") && long.contains("too large"))
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func framesOfImpossibleSizesAreRefusedByTheirHeader() async throws {
        let harness = try await HTTPHarness(Self.limits())
        let good = try await Self.goodPeer(harness)
        let highBit = try await harness.webSocket()
        await highBit.write([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(await Self.closeCode(highBit) == 1002)
        let huge = try await harness.webSocket()
        await huge.write([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4])
        #expect(await Self.closeCode(huge) == 1009)
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func fragmentsWithoutEndAreRefused() async throws {
        let harness = try await HTTPHarness(Self.limits())
        let good = try await Self.goodPeer(harness)
        let bad = try await harness.webSocket()
        await bad.write(.masked(.text, "x", isFinal: false))
        for _ in 0..<16 { await bad.write(.masked(.continuation, "x", isFinal: false)) }
        #expect(await Self.closeCode(bad) == 1009)
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func aFloodOfPingsIsRefused() async throws {
        let harness = try await HTTPHarness(Self.limits { $0.controlFramesPerSecond = 5 })
        let good = try await Self.goodPeer(harness)
        let bad = try await harness.webSocket()
        await bad.write([UInt8]((0..<500).flatMap { _ in [UInt8].masked(.ping, "p") }))
        #expect(await Self.closeCode(bad) == 1008)
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func aCompressionBombIsRefused() async throws {
        let harness = try await HTTPHarness(deflate: DeflateOptions(), Self.limits())
        let good = try await Self.goodPeer(harness)
        let bad = try await harness.connect()
        let offer = "Sec-WebSocket-Extensions: permessage-deflate\n"
        await bad.write(HTTPHarness.lines(HTTPHarness.upgrade(more: offer)))
        await bad.text(holding: "CONNECTION")
        let deflater = try #require(Deflater(level: 9, windowBits: 15, takeover: false))
        var bomb: [UInt8] = []
        _ = [UInt8](repeating: 0x20, count: 20_000_000).withUnsafeBytes { deflater.compress($0, into: &bomb) }
        #expect(bomb.count < 64 * 1024)
        await bad.write(
            WebSocketFrameEncoder.frame(.text, bomb, isCompressed: true, mask: WebSocketMask(littleEndian: 5))
        )
        #expect(await Self.closeCode(bad) == 1009)
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func aReaderThatNeverReadsIsDroppedAndTheOthersGetEverything() async throws {
        let harness = try await HTTPHarness(Self.limits { $0.outboundBytes = 256 * 1024 })
        let good = try await Self.goodPeer(harness)
        let bad = try await Self.goodPeer(harness)
        let (stream, id) = try await harness.stream()
        _ = try await harness.post(HTTPHarness.message("JOIN_CHANNEL", "x"), to: id)
        await stream.text(holding: "ACKNOWLEDGE")
        await bad.pauseReading()
        await stream.pauseReading()
        #expect(harness.pond.connectionCount == 3)
        let filling = String(repeating: "z", count: 60_000)
        var number = 0
        // The kernel's buffers take megabytes before the server's own bound is reached.
        while harness.pond.connectionCount > 1, number < 2000 {
            number += 1
            await good.write(
                .masked(.text, HTTPHarness.message("BROADCAST", "say", #"{"z":"\#(filling)","n":\#(number)}"#))
            )
            await good.forget(through: #""n":\#(number)}}"#)
        }
        #expect(harness.pond.connectionCount == 1)
        #expect(await Self.isServed(good))
        await harness.stop()
    }

    @Test func aPeerThatPingsAndNeverReadsIsOwedOnePong() async throws {
        let harness = try await HTTPHarness(
            Self.limits {
                $0.controlFramesPerSecond = 1_000_000
                $0.outboundBytes = 256 * 1024
            }
        )
        let good = try await Self.goodPeer(harness)
        let bad = try await harness.webSocket()
        await bad.pauseReading()
        let pings = [UInt8]((0..<5000).flatMap { _ in [UInt8].masked(.ping, String(repeating: "p", count: 125)) })
        for _ in 0..<20 { await bad.write(pings) }
        #expect(await Self.isServed(good))
        #expect(harness.pond.connectionCount == 2)
        await harness.stop()
    }
}
