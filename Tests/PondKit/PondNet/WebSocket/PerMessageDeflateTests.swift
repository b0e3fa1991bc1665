import PondTesting
import Testing

@testable import PondCore
@testable import PondNet

@Suite struct PerMessageDeflateTests {
    private static func options(server: Bool = false, client: Bool = false, bits: Int = 15) -> DeflateOptions {
        var options = DeflateOptions()
        options.serverContextTakeover = server
        options.clientContextTakeover = client
        options.serverMaxWindowBits = bits
        return options
    }

    private static let offers: [(String, String?)] = [
        ("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        ),
        (
            "permessage-deflate; server_max_window_bits=9",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9"
        ),
        (
            "Permessage-Deflate; server_max_window_bits=\"10\"; client_max_window_bits=8",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                + "server_max_window_bits=10; client_max_window_bits=8"
        ),
        ("x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=8", nil),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        ),
        ("permessage-deflate; server_max_window_bits=16", nil),
        ("permessage-deflate; server_max_window_bits=09", nil),
        ("permessage-deflate; server_max_window_bits", nil),
        ("permessage-deflate; server_no_context_takeover=1", nil),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", nil),
        ("permessage-deflate; mystery", nil),
        ("permessage-deflate;", nil),
        ("", nil),
    ]

    @Test(arguments: Self.offers)
    func aServerTakesTheFirstOfferItCanMeet(offer: String, answer: String?) {
        let headers: HTTPHeaders = ["Sec-WebSocket-Extensions": offer]
        #expect(PerMessageDeflate.answer(offers: headers, options: Self.options())?.header == answer)
    }

    @Test func contextsAreKeptWhereBothSidesWantThem() throws {
        let headers: HTTPHeaders = ["Sec-WebSocket-Extensions": "permessage-deflate; server_no_context_takeover"]
        let answer = try #require(
            PerMessageDeflate.answer(offers: headers, options: Self.options(server: true, client: true, bits: 12))
        )
        #expect(answer.header == "permessage-deflate; server_no_context_takeover; server_max_window_bits=12")
        #expect(answer.parameters.sending(as: .server) == (12, false))
        #expect(answer.parameters.sending(as: .client) == (15, true))
    }

    @Test(arguments: [
        ("permessage-deflate; server_no_context_takeover", true),
        ("permessage-deflate; server_no_context_takeover; client_max_window_bits=10", true),
        ("permessage-deflate; server_no_context_takeover; client_max_window_bits=8", false),
        ("permessage-deflate; server_no_context_takeover; client_max_window_bits", false),
        ("permessage-deflate", false),
        ("permessage-deflate; server_no_context_takeover, permessage-deflate", false),
        ("permessage-deflate; server_no_context_takeover; other", false),
        ("other", false),
    ])
    func aClientTakesOnlyTermsItAskedFor(answer: String, isTaken: Bool) {
        let headers: HTTPHeaders = ["Sec-WebSocket-Extensions": answer]
        let terms = try? PerMessageDeflate.check(answer: headers, options: Self.options())
        #expect((terms != nil) == isTaken)
        #expect(throws: HTTPFault.self) { try PerMessageDeflate.check(answer: headers, options: nil) }
    }

    private static func messages() -> [[UInt8]] {
        var generator = SeededRandom(seed: 7)
        let sizes = Array(0...70) + [125, 126, 500, 5000, 70_000, 300_000]
        return sizes.map { size in
            (0..<size).map {
                $0 % 3 == 0 ? UInt8.random(in: 0...255, using: &generator) : UInt8(truncatingIfNeeded: $0 % 7)
            }
        }
    }

    @Test(arguments: [true, false], [9, 12, 15])
    func whatIsDeflatedInflatesToTheSame(takeover: Bool, bits: Int) throws {
        let deflater = try #require(Deflater(level: 1, windowBits: bits, takeover: takeover))
        let inflater = try #require(Inflater(windowBits: bits, takeover: takeover))
        for message in Self.messages() {
            var compressed: [UInt8] = []
            #expect(message.withUnsafeBytes { deflater.compress($0, into: &compressed) })
            let inflated = try compressed.withUnsafeBytes { Array(try inflater.inflate($0, limit: 300_000)) }
            #expect(inflated == message)
        }
    }

    @Test func aKeptContextMakesARepeatSmallerAndNoneMakesItEqual() throws {
        let message = Array("the quick brown fox jumps over the lazy dog".utf8)
        func sizes(takeover: Bool) throws -> [Int] {
            let deflater = try #require(Deflater(level: 6, windowBits: 15, takeover: takeover))
            return (0..<2).map { _ in
                var compressed: [UInt8] = []
                _ = message.withUnsafeBytes { deflater.compress($0, into: &compressed) }
                return compressed.count
            }
        }
        let kept = try sizes(takeover: true)
        #expect(kept[1] < kept[0] / 3)
        let fresh = try sizes(takeover: false)
        #expect(fresh[1] == fresh[0])
    }

    @Test func aBombIsStoppedAtTheLimitAndNotAByteBefore() throws {
        let deflater = try #require(Deflater(level: 9, windowBits: 15, takeover: false))
        var bomb: [UInt8] = []
        _ = [UInt8](repeating: 0, count: 10_000_000).withUnsafeBytes { deflater.compress($0, into: &bomb) }
        #expect(bomb.count < 11_000)
        let inflater = try #require(Inflater(windowBits: 15, takeover: false))
        bomb.withUnsafeBytes { bytes in
            _ = #expect(throws: WebSocketFault.messageTooBig) { _ = try inflater.inflate(bytes, limit: 9_999_999) }
            #expect(throws: Never.self) { _ = try inflater.inflate(bytes, limit: 10_000_000) }
        }
    }

    @Test func garbageAndCutStreamsAreFaultsAndLeaveTheInflaterUsable() throws {
        let inflater = try #require(Inflater(windowBits: 15, takeover: false))
        for garbage in [[0xFF, 0xFF, 0xFF], [0x07], [0x05, 0xE0, 0x81]] as [[UInt8]] {
            garbage.withUnsafeBytes { bytes in
                _ = #expect(throws: WebSocketFault.invalidCompression) { _ = try inflater.inflate(bytes, limit: 100) }
            }
        }
        // The example of RFC 7692 7.2.3.1, and the one with a final block of 7.2.3.5.
        for hello in [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
        ] as [[UInt8]] {
            let text = try hello.withUnsafeBytes { Array(try inflater.inflate($0, limit: 100)) }
            #expect(text == Array("Hello".utf8))
        }
    }
}
