import PondKit
import Testing

@testable import PondChat

@Suite struct ChatTextTests {
    @Test(
        "A text comes out harmless and otherwise as it was",
        arguments: [
            ("hello", "hello"), ("  hi  ", "hi"), ("a\r\nb\rc\nd", "a\nb\nc\nd"), ("a\u{2028}b", "a\nb"),
            ("a\tb", "a b"),
            ("\u{1B}[31mred", "\u{FFFD}[31mred"), ("a\u{0}b\u{7F}c\u{9B}d", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d"),
            ("a\u{202E}b\u{2066}c", "a\u{FFFD}b\u{FFFD}c"), ("a\u{200B}\u{FEFF}\u{AD}\u{200F}b", "ab"),
            ("👨‍👩‍👧 ❤️ 🇩🇪 👍🏽", "👨‍👩‍👧 ❤️ 🇩🇪 👍🏽"), ("می‌خواهم", "می‌خواهم"), ("क्षि 한국어", "क्षि 한국어"),
            ("x\u{E0041}\u{E007F}", "x"), ("\u{FFFE}a\u{1FFFF}", "\u{FFFD}a\u{FFFD}"),
            ("Z" + String(repeating: "\u{335}", count: 40), "Z" + String(repeating: "\u{335}", count: 6)),
        ]
    )
    func cleaned(_ raw: String, _ expected: String) throws {
        #expect(Array(try ChatText(raw).string.unicodeScalars) == Array(expected.unicodeScalars))
        #expect(try ChatText(ChatText(raw).string).string == ChatText(raw).string)
    }

    @Test(
        "A text of nothing is refused",
        arguments: [
            "", "   ", "\n\n", "\u{200B}", "\u{3000}", "\u{FE0F}\u{FE0F}", "\u{200D}", "\u{2800}\u{2800} \u{2800}",
        ]
    )
    func empty(_ raw: String) {
        #expect(throws: ChatError.emptyText) { try ChatText(raw) }
    }

    @Test("A text is bounded in characters, bytes and lines, and says which")
    func bounds() throws {
        var limits = ChatLimits()
        limits.messageCharacters = 10
        limits.messageLines = 3
        #expect(try ChatText("0123456789", limits: limits).string == "0123456789")
        #expect(throws: ChatError.textTooLong(10)) { try ChatText("0123456789a", limits: limits) }
        #expect(throws: ChatError.tooManyLines(3)) { try ChatText("1\n2\n3\n4", limits: limits) }
        limits.messageBytes = 8
        #expect(throws: ChatError.textTooLong(10)) { try ChatText("ääääää", limits: limits) }
        #expect(throws: ChatError.textTooLong(10)) {
            try ChatText(String(repeating: "a", count: 1 << 20), limits: limits)
        }
    }

    @Test("A line holds no line breaks, may be empty, and is bounded")
    func lines() throws {
        #expect(try ChatText.line(" a\nb\u{1B}", of: "a topic", upTo: 10) == "a b\u{FFFD}")
        #expect(try ChatText.line("", of: "a topic", upTo: 10).isEmpty)
        #expect(throws: ChatError.lineTooLong("a topic", 3)) { try ChatText.line("abcd", of: "a topic", upTo: 3) }
    }

    @Test(
        "A mention is a name after @ that begins a word",
        arguments: [
            ("@bob hi", ["bob"]), ("hi @bob.", ["bob"]), ("(@bob, @Alice)", ["bob", "Alice"]), ("a@b.c", []),
            ("@@bob", ["bob"]), ("@bob @BOB", ["bob"]), ("@", []), ("@-", []), ("thanks @田中!", ["田中"]), ("bob", []),
        ]
    )
    func mentions(_ text: String, _ expected: [String]) {
        #expect(Mentions.found(in: text).map(\.text) == expected)
    }

    @Test("Mentions are bounded")
    func manyMentions() {
        let text = (0..<200).map { "@user\($0)" }.joined(separator: " ")
        #expect(Mentions.found(in: text).count == ChatLimits.default.mentions)
    }
}
