import PondTesting
import Testing

@testable import pond_tui

@Suite struct ViKeysTests {
    /// What becomes of `text`, with `|` for the cursor, when these keys are pressed; `^` is Escape.
    private static func after(_ text: String, _ keys: String) -> String {
        var model = Fixture.joined()
        model.settings.vi = true
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        model.editor.insert(parts.joined())
        model.editor.move(to: parts[0].count)
        for character in keys {
            let key = character == "^" ? Key(.escape) : Key(.character(character))
            _ = Update.apply(.key(key), to: &model, at: model.now)
        }
        var shown = Array(model.editor.text)
        shown.insert("|", at: model.editor.cursor)
        return String(shown)
    }

    @Test(arguments: [
        ("ab|c", "x", "abx|c"), ("abc|", "^", "ab|c"), ("ab|c", "^", "a|bc"), ("abc|", "^x", "a|b"),
        ("one two three|", "^0w", "one |two three"), ("one two three|", "^0ww", "one two |three"),
        ("one two three|", "^02w", "one two |three"), ("one two three|", "^b", "one two |three"),
        ("one two three|", "^bb", "one |two three"), ("one two|", "^0e", "on|e two"), ("one two|", "^0ee", "one tw|o"),
        ("a.b c|", "^0w", "a|.b c"), ("a.b c|", "^0W", "a.b |c"), ("  one|", "^0", "|  one"),
        ("one two|", "^0dw", "|two"), ("one two|", "^0d$", "|"), ("one two|", "^0cwx", "x| two"),
        ("one two|", "^0cWx^", "|x two"), ("one two three|", "^0d2w", "|three"), ("one two three|", "^02dw", "|three"),
        ("one two|", "^dd", "|"), ("one\ntwo|", "^kdd", "|two"), ("one two|", "^bD", "one| "),
        ("one two|", "^0Cx", "x|"), ("one two|", "^0ftx", "one |wo"),
        ("one two|", "^0dft", "|wo"), ("one two|", "^0dtt", "|two"), ("one two|", "^Fod0", "|one two"),
        ("one two|", "^0fod0", "|o"),
        ("abc|", "^0rx", "|xbc"), ("abc|", "^03rx", "xx|x"), ("abc|", "^0~", "A|bc"), ("abc|", "^0xp", "b|ac"),
        ("one two|", "^0dwu", "|one two"), ("abc|", "^0Ax", "abcx|"), ("abc|", "^Ix", "x|abc"),
        ("abc|", "^ix", "abx|c"), ("abc|", "^ax", "abcx|"), ("abc|", "^ox", "abc\nx|"), ("abc|", "^Ox", "x|\nabc"),
        ("one two|", "^0yw$p", "one twoone| "), ("abc|", "^0Sx", "x|"), ("abc|", "^0sx", "x|bc"),
        ("abc|", "^zz", "ab|c"),
        ("abc|", "^d^x", "a|b"), ("|", "^xXDdddwbe$0~pP", "|"), ("|", "^:q", "/q|"),
    ]) func aKeyDoesWhatItDoesInVi(_ text: String, _ keys: String, _ result: String) {
        #expect(Self.after(text, keys) == result, "\(text) \(keys)")
    }

    @Test func withoutTheSettingEscapeIsWhatItWas() {
        var model = Fixture.joined()
        for key in [Key(.character("a")), Key(.escape), Key(.character("x"))] {
            _ = Update.apply(.key(key), to: &model, at: model.now)
        }
        #expect(!model.vi.isCommanding && model.editor.text == "ax")
    }

    @Test func sendingLeadsBackToWritingAndOtherKeysGoOnAsTheyAre() {
        var model = Fixture.joined()
        model.settings.vi = true
        for character in "hi" { _ = Update.apply(.key(Key(.character(character))), to: &model, at: model.now) }
        _ = Update.apply(.key(Key(.escape)), to: &model, at: model.now)
        #expect(Renderer.render(model, model.size).lines[23].hasPrefix(" #general: hi"))
        _ = Update.apply(.key(Key(.function(7))), to: &model, at: model.now)
        #expect(!model.showsRooms && model.vi.isCommanding)
        let effects = Update.apply(.key(Key(.enter)), to: &model, at: model.now)
        #expect(effects.contains { if case .session(.send) = $0 { true } else { false } })
        #expect(!model.vi.isCommanding && model.editor.isEmpty)
    }

    @Test func anyKeysKeepTheCursorInside() {
        let seed: UInt64 = 11
        var random = SeededRandom(seed: seed)
        var model = Fixture.joined()
        model.settings.vi = true
        let keys = Array("hl0^$wWbBeExXDCsSdcyYpPuriaIAoO~fFtTgGjk/:12 .a漢\u{301}👩")
        for step in 0..<20_000 {
            let key: Key =
                Int.random(in: 0..<5, using: &random) == 0
                ? Key(.escape) : Key(.character(keys.randomElement(using: &random) ?? "x"))
            _ = Update.apply(.key(key), to: &model, at: model.now)
            model.overlay = nil
            #expect((0...model.editor.characters.count).contains(model.editor.cursor), "seed \(seed) step \(step)")
            if model.editor.characters.count > 300 { model.editor.clear() }
        }
    }
}
