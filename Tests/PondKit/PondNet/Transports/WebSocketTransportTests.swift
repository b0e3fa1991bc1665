import PondTesting
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct WebSocketTransportTests {
    private static func frame(_ text: String) -> Frame { Frame(text: Array(text.utf8), event: "message") }

    @Test func carriesMessagesBothWaysAndAnswersPings() async throws {
        let pair = try await WebSocketPair()
        try await pair.whenReceived { transport, bytes in
            transport.send(Frame(text: Array("re: ".utf8) + bytes, event: "message"))
        }
        await pair.peer.write(.masked(.text, "one") + .masked(.ping, "p") + .masked(.binary, "two"))
        let expected: [UInt8] = .plain(.text, "re: one") + .plain(.pong, "p") + .plain(.text, "re: two")
        #expect(await pair.peer.bytes { $0.count >= expected.count } == expected)
        #expect(await pair.heard { $0.count == 2 } == ["one", "two"])
        await pair.stop()
    }

    @Test func writesAllOfATurnTogetherInOrder() async throws {
        let pair = try await WebSocketPair()
        await pair.server { transport in
            for number in 0..<50 { transport.send(Self.frame("\(number)")) }
        }
        let expected = (0..<50).flatMap { [UInt8].plain(.text, "\($0)") }
        #expect(await pair.peer.bytes { $0.count >= expected.count } == expected)
        await pair.stop()
    }

    @Test func answersACloseFrameWithItsCodeAndReasonAndTellsTheReceiver() async throws {
        let pair = try await WebSocketPair()
        await pair.peer.write(.maskedClose(1001, "leaving") + .masked(.text, "late"))
        #expect(await pair.peer.bytes { _ in false } == .plainClose(1001, "leaving"))
        #expect(await pair.heard { !$0.isEmpty } == ["clean 1001 leaving"])
        await pair.stop()
    }

    @Test func saysGoodbyeAndWaitsForTheAnswer() async throws {
        let pair = try await WebSocketPair()
        await pair.server { transport in
            transport.send(Self.frame("last"))
            transport.close(code: 1001, reason: "going away")
            transport.send(Self.frame("never"))
        }
        let expected: [UInt8] = .plain(.text, "last") + .plainClose(1001, "going away")
        #expect(await pair.peer.bytes { $0.count >= expected.count } == expected)
        await pair.peer.write(.masked(.text, "crossed") + .maskedClose(1001))
        #expect(await pair.peer.bytes { _ in false } == expected)
        #expect(await pair.heard { !$0.isEmpty } == ["clean 1001 going away"])
        await pair.stop()
    }

    @Test func doesNotWaitForAGoodbyeForEver() async throws {
        var limits = Limits()
        limits.closeTime = .milliseconds(20)
        let pair = try await WebSocketPair(limits)
        await pair.server { $0.close(code: 1000, reason: "") }
        #expect(await pair.end() == "unclean 1000 ")
        await pair.stop()
    }

    @Test func aPeerThatGoesWithoutAWordIsGone() async throws {
        let finished = try await WebSocketPair()
        await finished.peer.close()
        #expect(await finished.end() == "unclean 1006 The peer closed without a close frame")
        await finished.stop()
        let broken = try await WebSocketPair()
        await broken.peer.write(.masked(.text, "x"))
        await broken.heard { $0 == ["x"] }
        await broken.peer.abort()
        #expect(await broken.end().hasPrefix("unclean 1006 "))
        await broken.stop()
    }

    @Test func aPeerThatDoesNotAnswerPingsIsGone() async throws {
        var limits = Limits()
        limits.pingInterval = .milliseconds(20)
        limits.idleTime = .milliseconds(70)
        let clock = ManualClock()
        let pair = try await WebSocketPair(limits, clock: clock)
        for count in 1...3 {
            clock.advance(by: .milliseconds(20))
            let pings = Array(repeating: [UInt8].plain(.ping, ""), count: count).flatMap(\.self)
            #expect(await pair.peer.bytes { $0.count >= pings.count } == pings)
        }
        clock.advance(by: .milliseconds(20))
        #expect(await pair.end() == "unclean 1006 No sign of life")
        await pair.stop()
    }

    @Test(arguments: [false, true])
    func compressesWhatIsLargeEnoughAndInflatesWhatComes(takeover: Bool) async throws {
        var options = DeflateOptions()
        options.minimumBytes = 100
        var parameters = DeflateParameters()
        parameters.serverNoContextTakeover = !takeover
        parameters.clientNoContextTakeover = !takeover
        let pair = try await WebSocketPair(deflate: parameters, options: options)
        try await pair.whenReceived { transport, bytes in transport.send(Frame(text: bytes, event: "m")) }
        let text = String(repeating: "water lily ", count: 100)
        let deflater = try #require(Deflater(level: 6, windowBits: 15, takeover: takeover))
        for _ in 0..<2 {
            var compressed: [UInt8] = []
            _ = Array(text.utf8).withUnsafeBytes { deflater.compress($0, into: &compressed) }
            let mask = WebSocketMask(littleEndian: 77)
            await pair.peer.write(
                WebSocketFrameEncoder.frame(.text, compressed, isCompressed: true, mask: mask) + .masked(.text, "small")
            )
        }
        await pair.peer.write(.maskedClose(1000))
        let bytes = await pair.peer.bytes { _ in false }
        #expect(bytes.count < text.utf8.count)
        let inflater = try #require(Inflater(windowBits: 15, takeover: takeover))
        var machine = WebSocketMachine(role: .client, limits: .default, inflater: inflater)
        var texts: [String] = []
        var copy = bytes
        copy.withUnsafeMutableBytes { buffer in
            var input = buffer
            while case .message(let bytes, _) = machine.next(&input) {
                texts.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        #expect(texts == [text, "small", text, "small"])
        #expect(await pair.heard { $0.count == 5 } == [text, "small", text, "small", "clean 1000 "])
        await pair.stop()
    }

    @Test func givesUpAMessageThatIsNotOverWhereAllHoldTooMuch() async throws {
        var limits = Limits.default
        limits.unfinishedBytes = 200 * 1024
        let pair = try await WebSocketPair(limits)
        let part = String(repeating: "a", count: 100 * 1024)
        await pair.peer.write(.masked(.text, part, isFinal: false) + .masked(.ping, "there?"))
        _ = await pair.peer.text(holding: "there?")
        await pair.peer.write(.masked(.continuation, part + part, isFinal: false))
        #expect(await pair.heard { !$0.isEmpty } == ["unclean 1013 Too many messages are unfinished"])
        await pair.stop()
    }

    /// A few bytes may inflate to much: what one read brings of that must not keep all others waiting.
    @Test(arguments: [false, true])
    func inflatesNoMoreInATurnThanOneMessageMayBe(takeover: Bool) async throws {
        var limits = Limits.default
        limits.inflatedBytes = 64 * 1024
        var parameters = DeflateParameters()
        parameters.clientNoContextTakeover = !takeover
        let pair = try await WebSocketPair(limits, deflate: parameters, options: DeflateOptions())
        let turns = Lock<[UInt64]>([])
        let loop = pair.serverLoop
        try await pair.whenReceived { _, _ in turns.withLock { $0.append(loop.turnNumber) } }
        let deflater = try #require(Deflater(level: 9, windowBits: 15, takeover: takeover))
        let mask = WebSocketMask(littleEndian: 77)
        var bytes: [UInt8] = []
        for number in 0..<20 {
            var compressed: [UInt8] = []
            let text = [UInt8](repeating: UInt8(65 + number), count: 64 * 1024)
            _ = text.withUnsafeBytes { deflater.compress($0, into: &compressed) }
            bytes += WebSocketFrameEncoder.frame(.text, compressed, isCompressed: true, mask: mask)
        }
        await pair.peer.write(bytes + .masked(.text, "the last") + .maskedClose(1000))
        let heard = await pair.heard { $0.count == 22 }
        #expect(heard.compactMap(\.utf8.first) == Array(65..<85) + Array("tc".utf8))
        let of = turns.withLock { $0 }
        #expect(Set(of.prefix(20)).count == 20, "turns: \(of)")
        await pair.stop()
    }
}
