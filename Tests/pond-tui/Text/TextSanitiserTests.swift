import PondTesting
import Testing

@testable import pond_tui

@Suite struct TextSanitiserTests {
    @Test func widthsAreThoseOfTheTable() {
        let cases: [(String, [Int])] = [
            ("a", [1]), ("日", [2]), ("👍", [2]), ("한", [2]), ("e\u{301}", [1]), ("❤\u{FE0F}", [1]),
            ("1\u{FE0F}\u{20E3}", [1]), ("👨\u{200D}👩\u{200D}👧", [2]), ("👍\u{1F3FD}", [2]), ("🇩🇪", [1, 1]),
            ("क्षि", [1, 1, 1]), ("\u{1FAE8}", [1]), ("\u{301}", [1]), ("\t", [1, 1, 1, 1]), ("\u{1F3FD}", [2]),
        ]
        for (text, widths) in cases {
            #expect(TextSanitiser.glyphs(text).map(\.width) == widths, "\(text.unicodeScalars.map(\.value))")
        }
    }

    @Test func nothingATerminalActsUponGetsThrough() {
        let hostile =
            "\u{1B}[2J\u{1B}]52;c;aGk=\u{7}\u{9B}31m\r\u{202E}evil\u{202C}\u{200B}\u{FEFF}\u{2028}\u{2066}x\u{2069}\u{85}\u{7F}\0"
        for text in [
            TextSanitiser.glyphs(hostile).map(\.text).joined(), TextSanitiser.plain(hostile),
            TextSanitiser.editable(hostile),
        ] {
            for scalar in text.unicodeScalars where scalar != "\n" {
                #expect(scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value))
                #expect(!(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value))
                #expect(![0x200B, 0xFEFF, 0x2028].contains(scalar.value))
            }
        }
        #expect(TextSanitiser.plain(hostile).hasPrefix("?[2J?]52;c;aGk=??31m?evil"))
    }

    @Test func marksAreCapped() {
        let zalgo = "a" + String(repeating: "\u{0300}", count: 50)
        let glyphs = TextSanitiser.glyphs(zalgo)
        #expect(glyphs.count == 1)
        #expect(glyphs[0].text.unicodeScalars.count == 1 + TextSanitiser.marksPerCluster)
    }

    @Test func anyTextFillsExactlyItsCells() {
        var random = SeededRandom(seed: 20_251_118)
        let pool: [UInt32] = [
            0x41, 0x20, 0x0A, 0x1B, 0x9B, 0x301, 0x200D, 0xFE0F, 0x1F468, 0x1F469, 0x1F3FD, 0x65E5, 0x5D0, 0x627,
            0x202E,
            0x1F1E9, 0x0915, 0x094D, 0xAC00, 0x1160, 0xFF21, 0x1FAE8, 0xE0041, 0xFFFD, 0xAD, 0x20E3, 0x7F,
        ]
        for round in 0..<2_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let value =
                    Bool.random(using: &random)
                    ? pool.randomElement(using: &random) ?? 0x41 : UInt32.random(in: 0..<0x11_0000, using: &random)
                if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
            }
            let glyphs = TextSanitiser.glyphs(text)
            for glyph in glyphs where !glyph.isNewline {
                let widths = glyph.text.unicodeScalars.map { Width.of($0) }
                #expect(widths.first == .some(glyph.width), "seed 20251118 round \(round)")
                #expect(widths.dropFirst().allSatisfy { $0 == 0 }, "seed 20251118 round \(round)")
            }
            let columns = Int.random(in: 1...12, using: &random)
            let lines = TextWrapper.wrap(glyphs, columns: columns)
            #expect(lines.allSatisfy { $0.columns <= columns }, "seed 20251118 round \(round)")
            var grid = Grid(Size(columns: columns, rows: 1))
            grid.put(text.replacing("\n", with: ""), .plain, column: 0, row: 0, columns: columns)
            #expect(grid.row(0).reduce(0) { $0 + $1.width } == columns, "seed 20251118 round \(round)")
        }
    }

    @Test func hostileNamesAndTextsKeepTheFrameStraight() {
        var model = Fixture.joined(140, 40)
        let texts = [
            "❤\u{FE0F} 👍🏽 👨‍👩‍👧 🇫🇷 漢字かな", "Z\u{301}\u{302}\u{303}\u{304}\u{305}algo", "שלום עולם مرحبا",
            "\u{1B}[31mred\r\u{202E}", "wide at the edge " + String(repeating: "漢", count: 80),
        ]
        for (index, text) in texts.enumerated() {
            let message = Fixture.message(text, text, at: Fixture.at(12, index))
            model = Fixture.model(
                [
                    .session(.message(room: "general", message)),
                    .session(.personJoined(room: "general", Person(name: text, note: text))),
                    .session(.topic(room: "general", text: text, by: text)),
                    .session(.channel(room: text, .declined, reason: text)),
                ],
                from: model,
                at: Fixture.at(12, index)
            )
        }
        let layout = model.layout(model.size)
        let grid = Renderer.render(model, model.size)
        for row in layout.left.row..<layout.left.endRow {
            #expect(grid[layout.left.endColumn - 1, row].text == "|")
            #expect(grid[layout.right.column, row].text == "|")
        }
    }
}
