import PondTesting
import Testing

@testable import pond_tui

@Suite struct InputDecoderTests {
    private static let cases: [(String, [Event])] = [
        ("a", [.key(Key(.character("a")))]), ("\r", [.key(Key(.enter))]),
        ("\n", [.key(Key(.character("j"), .control))]),
        ("\u{7F}", [.key(Key(.backspace))]), ("\u{8}", [.key(Key(.character("h"), .control))]),
        ("ă", [.key(Key(.character("ă")))]), ("漢👍", [.key(Key(.character("漢"))), .key(Key(.character("👍")))]),
        ("\u{1B}[A", [.key(Key(.up))]), ("\u{1B}OA", [.key(Key(.up))]), ("\u{1B}[1;5D", [.key(Key(.left, .control))]),
        ("\u{1B}[1;3B", [.key(Key(.down, .alt))]), ("\u{1B}\u{1B}[B", [.key(Key(.down, .alt))]),
        ("\u{1B}[Z", [.key(Key(.tab, .shift))]), ("\u{1B}[5~", [.key(Key(.pageUp))]),
        ("\u{1B}[15~", [.key(Key(.function(5)))]),
        ("\u{1B}OP", [.key(Key(.function(1)))]), ("\u{1B}[[E", [.key(Key(.function(5)))]),
        ("\u{1B}a", [.key(Key(.character("a"), .alt))]), ("\u{1B}\r", [.key(Key(.enter, .alt))]),
        ("\u{1B}\u{7F}", [.key(Key(.backspace, .alt))]), ("\u{1B}<", [.key(Key(.character("<"), .alt))]),
        ("\u{1B}[I", [.focus(true)]), ("\u{1B}[O", [.focus(false)]), ("\u{1B}[13;2u", [.key(Key(.enter, .shift))]),
        ("\u{1B}[200~one\r\ntwo\u{1B}[31m\u{1B}[201~x", [.paste("one\r\ntwo\u{1B}[31m"), .key(Key(.character("x")))]),
        ("\u{1B}[<0;5;7M", [.mouse(Event.MouseEvent(column: 4, row: 6, kind: .press))]), ("\u{1B}[<0;5;7m", []),
        ("\u{1B}[<2;5;7M", [.mouse(Event.MouseEvent(column: 4, row: 6, kind: .secondaryPress))]),
        ("\u{1B}[<64;310;7M", [.mouse(Event.MouseEvent(column: 309, row: 6, kind: .wheelUp))]),
        ("\u{1B}[?62;4c", []), ("\u{3}", [.key(Key(.character("c"), .control))]),
        ("\u{1F}", [.key(Key(.character("_"), .control))]),
    ]

    @Test func sequencesAreKeysHoweverTheyAreCut() {
        for (text, expected) in Self.cases {
            let bytes = Array(text.utf8)
            for split in 0...bytes.count {
                var decoder = InputDecoder()
                var events = decoder.feed(bytes[..<split])
                events += decoder.feed(bytes[split...])
                events += decoder.flush()
                #expect(events == expected, "\(bytes) cut at \(split)")
            }
        }
    }

    @Test func aLoneEscapeIsAKeyWhenNothingFollows() {
        var decoder = InputDecoder()
        #expect(decoder.feed([0x1B]).isEmpty)
        #expect(decoder.hasPending)
        #expect(decoder.flush() == [.key(Key(.escape))])
        #expect(!decoder.hasPending)
    }

    @Test func theTerminalsOwnSequencesComeFirst() {
        var decoder = InputDecoder(extra: [Array("\u{1B}[[A".utf8): Key(.function(9))])
        #expect(decoder.feed(Array("\u{1B}[[A".utf8)) == [.key(Key(.function(9)))])
    }

    @Test func anyBytesAreTaken() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<2_000 {
            var decoder = InputDecoder()
            for _ in 0..<5 {
                let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ -> UInt8 in
                    [0x1B, 0x5B, 0x4F, 0x3B, 0x31, 0x7E, UInt8.random(in: 0...255, using: &random)].randomElement(
                        using: &random
                    ) ?? 0
                }
                _ = decoder.feed(bytes)
            }
            _ = decoder.flush()
            #expect(!decoder.hasPending)
        }
    }

    @Test func modeReportsAreNoKeys() {
        let answer = Array("\u{1B}[?2026;2$yx".utf8)
        for cut in 0...answer.count {
            var decoder = InputDecoder()
            let events = decoder.feed(answer[..<cut]) + decoder.feed(answer[cut...])
            #expect(events == [.key(Key(.character("x")))], "cut at \(cut)")
            let reports = decoder.takeModeReports()
            #expect(reports.count == 1 && reports[0].mode == 2_026 && reports[0].isKnown)
            #expect(decoder.takeModeReports().isEmpty)
        }
        var decoder = InputDecoder()
        _ = decoder.feed(Array("\u{1B}[?2026;0$y".utf8))
        #expect(decoder.takeModeReports().map(\.isKnown) == [false])
    }

    @Test func manyLinesInOneReadAreAPasteWhereNothingMarksThem() {
        for (bytes, isPaste) in [
            ("one\rtwo\rthree\rfour\r", true), ("one\ntwo\nthree\nfour\n", true), ("one\rtwo\rthree\r", false),
            ("\r\r\r\r\r\r", false), ("a\u{1B}[A\rbbb\rccc\rddd\reee\r", false), ("text", false),
        ] {
            #expect((InputDecoder.unmarkedPaste(Array(bytes.utf8)) != nil) == isPaste, "\(bytes.debugDescription)")
        }
    }
}
