internal import PondTesting
import Testing

@testable import pond_tui

@Suite struct PromptLayoutTests {
    /// The rows and the cursor as one finds them who looks at every glyph from the first on.
    private static func plainly(_ editor: LineEditor, width: Int) -> (rows: [String], cursor: Position) {
        var rows = [""]
        var used = 0
        var cursor = Position(column: 0, row: 0)
        for (index, character) in editor.characters.enumerated() {
            let glyphs = TextSanitiser.glyphs(String(character)).filter { !$0.isNewline }
            if used + min(glyphs.columns, width) > width {
                rows.append("")
                used = 0
            }
            if index == editor.cursor { cursor = Position(column: used, row: rows.count - 1) }
            for glyph in glyphs where used + glyph.width <= width {
                rows[rows.count - 1] += glyph.text
                used += glyph.width
            }
            if character == "\n" {
                rows.append("")
                used = 0
            }
        }
        if editor.cursor == editor.characters.count { cursor = Position(column: used, row: rows.count - 1) }
        return (rows, cursor)
    }

    @Test func rowsAndCursorAreThoseOfTheWholeTextWhereverTheCursorIs() {
        let seed: UInt64 = 20_261_121
        var random = SeededRandom(seed: seed)
        for round in 0..<300 {
            var model = Fixture.joined(Int.random(in: 40...100, using: &random), 24)
            let pieces = ["a", "word ", "漢字", "\n", "👍🏽", "e\u{301}", "一二三四五六七八九十", "long-long-long"]
            let text = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            model.editor.replace(with: text.joined())
            model.editor.move(to: Int.random(in: 0...(model.editor.characters.count), using: &random))
            let prompt = PromptLayout(model, columns: model.size.columns)
            let width = model.size.columns - TextSanitiser.glyphs(prompt.label).columns - 1
            let plain = Self.plainly(model.editor, width: width)
            #expect(prompt.cursor == plain.cursor, "seed \(seed) round \(round)")
            #expect(prompt.rowCount == plain.rows.count || prompt.rowCount > prompt.cursor.row + 6)
            #expect(PromptLayout.rows(model, columns: model.size.columns) == min(6, plain.rows.count))
            for row in max(0, prompt.cursor.row - 6)..<min(prompt.rowCount, prompt.cursor.row + 6) {
                #expect(
                    prompt.row(row).map(\.text).joined() == plain.rows[row],
                    "seed \(seed) round \(round) row \(row)"
                )
            }
        }
    }

    @Test func aPasswordIsNeverAmongTheGlyphs() {
        var model = Fixture.joined()
        model.editor.replace(with: "/identify s3cret")
        #expect(PromptLayout(model, columns: 80).row(0).map(\.text).joined() == "/identify ******")
    }
}
