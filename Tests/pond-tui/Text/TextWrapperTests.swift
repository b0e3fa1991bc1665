import Testing

@testable import pond_tui

@Suite struct TextWrapperTests {
    private func wrap(_ text: String, _ columns: Int) -> [String] {
        TextWrapper.wrap(TextSanitiser.glyphs(text), columns: columns).map { $0.map(\.text).joined() }
    }

    @Test func linesBreakAfterBlanksOrElseInsideWords() {
        #expect(self.wrap("the quick brown fox", 10) == ["the quick", "brown fox"])
        #expect(self.wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"])
        #expect(self.wrap("ab cdefghij", 5) == ["ab", "cdefg", "hij"])
        #expect(self.wrap("one\ntwo", 10) == ["one", "two"])
        #expect(self.wrap("", 10) == [""])
        #expect(self.wrap("  indented", 20) == ["  indented"])
        #expect(self.wrap("12345 789", 5) == ["12345", "789"])
    }

    @Test func aWideGlyphIsNeverCutInTwo() {
        #expect(self.wrap("漢字漢", 3) == ["漢", "字", "漢"])
        #expect(self.wrap("a漢字", 3) == ["a漢", "字"])
        #expect(self.wrap("漢", 1) == ["?"])
    }
}
