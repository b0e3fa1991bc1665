import PondTesting
import Testing

@testable import PondCore

/// Half of an emoji, as `JSON.stringify` writes a string that a program cut in its middle.
@Suite struct LoneSurrogateTests {
    static let texts: [(escaped: String, read: String, forwarded: String)] = [
        (#"\ud83d"#, "\u{FFFD}", #"\ufffd"#),
        (#"\uDE00"#, "\u{FFFD}", #"\ufffd"#),
        (
            #"cut \ud83d, then \ud83d\ude00 whole"#, "cut \u{FFFD}, then 😀 whole",
            #"cut \ufffd, then \ud83d\ude00 whole"#
        ),
        (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀", #"\ufffd\ud83d\ude00"#),
        (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}", #"\ufffd\ufffd"#),
        (#"\ud83d\u0041"#, "\u{FFFD}A", #"\ufffd\u0041"#),
        (#"\ud83d\n"#, "\u{FFFD}\n", #"\ufffd\n"#),
        (#"\\ud83d"#, #"\ud83d"#, #"\\ud83d"#),
        (#"\\\ud83d\""#, "\\\u{FFFD}\"", #"\\\ufffd\""#),
    ]

    @Test(arguments: Self.texts) func readsItAsTheReplacementCharacter(
        _ text: (escaped: String, read: String, forwarded: String)
    ) throws {
        #expect(try JSON(parsing: "\"\(text.escaped)\"") == .string(text.read))
        #expect(try JSON(parsing: "{\"\(text.escaped)\":1}") == .object([text.read: 1]))
    }

    @Test(arguments: Self.texts) func forwardsAPayloadWithoutIt(
        _ text: (escaped: String, read: String, forwarded: String)
    ) throws {
        let payload = try Payload(parsing: Array(#"{"a":["\#(text.escaped)"]}"#.utf8))
        #expect(payload.description == #"{"a":["\#(text.forwarded)"]}"#)
        #expect(payload["a"] == [.string(text.read)])
    }

    @Test(arguments: Self.texts) func readsMessagesOfClientsAndServersThatHoldIt(
        _ text: (escaped: String, read: String, forwarded: String)
    ) throws {
        let rest =
            #""event":"e","channelName":"/c/\#(text.escaped)","requestId":"r","payload":{"t":"\#(text.escaped)"}}"#
        let sent = try Array(#"{"action":"BROADCAST",\#(rest)"#.utf8).withUnsafeBytes {
            (bytes) throws(MessageFault) in try ClientMessage(parsing: bytes)
        }
        #expect(sent.channelName == "/c/\(text.read)")
        #expect(sent.payload.description == #"{"t":"\#(text.forwarded)"}"#)
        let received = try Array(#"{"action":"PRESENCE",\#(rest)"#.utf8).withUnsafeBytes {
            (bytes) throws(MessageFault) in try ServerMessage(parsing: bytes)
        }
        #expect(received.channelName == "/c/\(text.read)")
        #expect(received.payload["t"] == .string(text.read))
    }

    @Test func neverLeavesOneInAnyPayload() throws {
        var random = SeededRandom()
        print("LoneSurrogateTests seed \(random.seed)")
        let pieces = [#"\ud83d"#, #"\ude00"#, #"\\"#, #"\""#, #"\u0041"#, "é", "u", "d83d", " "]
        for round in 0..<2000 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            let payload = try Payload(parsing: Array("[\"\(text)\"]".utf8))
            let value = try JSON(parsing: "[\"\(text)\"]")
            #expect(payload.json == value, "seed \(random.seed), round \(round)")
            let isLeft = payload.bytes.withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes)
                try? cursor?.skipValue(depth: 0, limits: .default)
                return cursor?.hasLoneSurrogate
            }
            #expect(isLeft == false, "seed \(random.seed), round \(round)")
        }
    }
}
