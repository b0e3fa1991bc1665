import Testing

@testable import PondCore

@Suite struct SSECodecTests {
    private static func decode(_ pieces: [[UInt8]], maximumBytes: Int = 1000) -> [String] {
        var decoder = SSEDecoder(maximumBytes: maximumBytes)
        var events: [String] = []
        for piece in pieces {
            let failed = piece.withUnsafeBytes { bytes in
                var input = bytes
                do throws(SSEDecoder.TooLarge) {
                    while let event = try decoder.next(&input) {
                        events.append("\(event.name)#\(event.lastID)#\(String(decoding: event.data, as: UTF8.self))")
                    }
                } catch { return true }
                return false
            }
            if failed { return events + ["too large"] }
        }
        if let retry = decoder.retry { events.append("retry \(retry)") }
        return events
    }

    private static let streams: [(String, [String])] = [
        ("data: a\n\n", ["message##a"]),
        ("data: a\r\rdata: b\r\n\r\ndata:c\n\n", ["message##a", "message##b", "message##c"]),
        ("\u{FEFF}data: a\n\n", ["message##a"]),
        ("\u{FEFF}\n\u{FEFF}data: a\n\ndata: b\n\n", ["message##b"]),
        ("event: x\ndata: a\ndata\ndata:  b\n\n", ["x##a\n\n b"]),
        ("event: x\n\ndata: a\n\n", ["message##a"]),
        ("id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", ["message#7#a", "message#7#b", "message##c"]),
        ("id: a\u{0}b\ndata: a\n\n", ["message##a"]),
        ("retry: 150\nretry: 1x\nretry: -1\nretry:\n", ["retry 0.15 seconds"]),
        (": comment\n:\nunknown: x\ndata: a\n\n", ["message##a"]),
        ("data\n\n", ["message##"]),
        ("data: a\n", []),
        ("data: a: b\n\n", ["message##a: b"]),
    ]

    @Test(arguments: Self.streams)
    func readsAsBrowsersDoAtEverySplit(text: String, events: [String]) {
        for pieces in everySplit(Array(text.utf8)) { #expect(Self.decode(pieces) == events) }
    }

    @Test func boundsLinesAndEvents() {
        #expect(Self.decode([Array("data: 123456789\n\n".utf8)], maximumBytes: 15) == ["message##123456789"])
        #expect(Self.decode([Array("data: 1234567890123\n\n".utf8)], maximumBytes: 15) == ["too large"])
        let lines = String(repeating: "data: 12345\n", count: 4)
        #expect(Self.decode([Array((lines + "\n").utf8)], maximumBytes: 15) == ["too large"])
    }

    @Test func whatIsWrittenIsReadAndNothingEndsALineEarly() {
        var bytes: [UInt8] = []
        SSEEncoder.append(event: "na\nme\r", data: Array("{\n\"a\":1,\r\n\"b\":2\r}".utf8), id: "e\n:1", to: &bytes)
        bytes += SSEEncoder.comment("keep\nalive")
        SSEEncoder.append(event: "", data: [], to: &bytes)
        #expect(Self.decode([bytes]) == ["name#e:1#{\n\"a\":1,\n\"b\":2\n}", "message#e:1#"])
    }

    @Test func positionsSurviveTheirText() {
        let position = StreamPosition(epoch: "a:b", offset: .max)
        #expect(SSEEncoder.position(id: SSEEncoder.id(position)) == position)
        for text in ["", "a", "a:", "a:x", ":-1"] { #expect(SSEEncoder.position(id: text) == nil) }
    }
}
