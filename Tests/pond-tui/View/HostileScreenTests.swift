import PondTesting
import Testing

@testable import pond_tui

/// Whatever others write, every cell stays in its column and nothing that a terminal acts upon is drawn.
@Suite struct HostileScreenTests {
    private static let seed: UInt64 = 20_261_121

    /// What a terminal would act upon, hide, reorder, join or measure in its own way.
    private static let pieces: [String] = [
        "\u{1B}[2J", "\u{1B}]52;c;aGk=\u{7}", "\u{1B}]0;title\u{7}", "\u{9B}31m", "\u{90}q\u{9C}", "\r", "\u{8}\u{8}",
        "\u{0}",
        "\u{7F}", "\u{85}", "\u{202E}", "\u{202A}", "\u{2066}", "\u{2069}", "\u{200B}", "\u{200D}", "\u{200E}",
        "\u{FEFF}",
        "\u{2028}", "\u{2029}", "\u{FE0F}", "\u{20E3}", "\u{301}\u{302}\u{303}\u{304}\u{305}",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        "\u{1F44D}\u{1F3FD}", "\u{1F1E9}\u{1F1EA}", "\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", "漢字", "かな", "한글", "ｆｕｌｌ",
        "שלום", "مرحبا",
        "क्षि", "\u{1100}\u{1161}", "\u{1FAE9}", "\u{FFFF}", "\u{10FFFF}", "\t", "\n", " ", "-", "|", "word",
        "https://x.example/a",
        "@alice", "\u{AD}", "\u{34F}", "\u{FFF9}", "\u{E000}",
    ]

    private static func text(_ random: inout SeededRandom, pieces count: ClosedRange<Int>) -> String {
        (0..<Int.random(in: count, using: &random)).map { _ -> String in
            if Int.random(in: 0..<6, using: &random) == 0,
                let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &random))
            {
                return String(scalar)
            }
            return Self.pieces.randomElement(using: &random) ?? "x"
        }.joined()
    }

    /// A model in which everything that others can choose is hostile.
    private static func model(_ random: inout SeededRandom, _ size: Size) -> Model {
        var model = Fixture.joined(size.columns, size.rows)
        var minute = 0
        func apply(_ event: SessionEvent) {
            _ = Update.apply(.session(event), to: &model, at: Fixture.at(12, minute))
        }
        for _ in 0..<12 {
            minute += 1
            let name = Self.text(&random, pieces: 1...4)
            var message = Fixture.message(name, Self.text(&random, pieces: 0...40), at: Fixture.at(12, minute))
            message.id = "m\(minute)"
            if minute > 3, Bool.random(using: &random) { message.replyTo = "m\(minute - 2)" }
            apply(.message(room: "general", message))
            apply(
                .personJoined(
                    room: "general",
                    Person(name: name, status: .away, note: Self.text(&random, pieces: 0...3), role: name)
                )
            )
            apply(.typing(room: "general", name: name))
        }
        apply(.topic(room: "general", text: Self.text(&random, pieces: 1...20), by: Self.text(&random, pieces: 1...2)))
        apply(.channel(room: Self.text(&random, pieces: 1...5), .declined, reason: Self.text(&random, pieces: 1...5)))
        apply(.notice(room: "general", text: Self.text(&random, pieces: 1...10)))
        apply(.notice(room: nil, text: Self.text(&random, pieces: 1...10)))
        apply(.removed(room: "general", id: "m1", by: Self.text(&random, pieces: 1...3)))
        apply(
            .directory(
                [ListedRoom(name: Self.text(&random, pieces: 1...4), topic: "", members: 1)],
                gone: [],
                isWhole: true
            )
        )
        return model
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F,
            0xFEFF,
            0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            false
        default: true
        }
    }

    private static let openers: [[Event]] = [
        [], [.key(Key(.function(6)))], [.key(Key(.function(2)))], [.line("/who")], [.line("/rooms")],
        [.line("/state -v")],
        [.line("/last 50")], [.key(Key(.function(8)))], [.key(Key(.function(7)))], [.key(Key(.tab))],
        [.key(Key(.character("s"), .control)), .key(Key(.character("w")))],
    ]

    @Test func noCellIsBentAndNothingHarmfulIsDrawn() {
        var random = SeededRandom(seed: Self.seed)
        let sizes = [(140, 40), (120, 12), (80, 24), (61, 9), (40, 10), (20, 5), (33, 4)]
        for round in 0..<90 {
            let (columns, rows) = sizes[round % sizes.count]
            var model = Self.model(&random, Size(columns: columns, rows: rows))
            for event in Self.openers[round % Self.openers.count] {
                _ = Update.apply(event, to: &model, at: model.now)
            }
            if round.isMultiple(of: 3) {
                model.editor.insert(TextSanitiser.editable(Self.text(&random, pieces: 0...30)))
            }
            let grid = Renderer.render(model, model.size)
            for row in 0..<rows {
                var expected = 0
                for (column, cell) in grid.row(row).enumerated() {
                    // A wide glyph is followed by its right half, and by nothing else.
                    if expected == 1 { #expect(cell.width == 0, "seed \(Self.seed) round \(round) \(column),\(row)") }
                    if expected == 0 { #expect(cell.width > 0, "seed \(Self.seed) round \(round) \(column),\(row)") }
                    expected = cell.width == 2 ? 1 : 0
                    guard cell.width > 0 else { continue }
                    let scalars = cell.text.unicodeScalars
                    #expect(scalars.allSatisfy(Self.isHarmless), "seed \(Self.seed) round \(round) \(column),\(row)")
                    #expect(
                        scalars.first.flatMap(Width.of) == cell.width,
                        "seed \(Self.seed) round \(round) \(column),\(row)"
                    )
                    #expect(scalars.dropFirst().allSatisfy { Width.of($0) == 0 } && scalars.count <= 4)
                }
                #expect(expected == 0, "seed \(Self.seed) round \(round): row \(row) ends in half a glyph")
            }
            #expect(Renderer.title(model).unicodeScalars.allSatisfy(Self.isHarmless))
            guard model.overlay == nil, model.completion == nil, model.narrowPane == nil else { continue }
            let layout = model.layout(model.size)
            for row in layout.left.row..<layout.left.endRow where !layout.left.isEmpty {
                #expect(grid[layout.left.endColumn - 1, row].text == "|", "seed \(Self.seed) round \(round) row \(row)")
            }
            for row in layout.right.row..<layout.right.endRow where !layout.right.isEmpty {
                #expect(grid[layout.right.column, row].text == "|", "seed \(Self.seed) round \(round) row \(row)")
            }
        }
    }

    @Test func plainLinesHoldNoControls() {
        var random = SeededRandom(seed: Self.seed)
        for round in 0..<60 {
            let model = Self.model(&random, Size(columns: 80, rows: 24))
            for isJSON in [false, true] {
                var printer = PlainPrinter(isJSON: isJSON)
                for line in printer.lines(model) {
                    for scalar in line.unicodeScalars where scalar != "\t" && scalar.value != 0x200D {
                        let isKept = Self.isHarmless(scalar) || (0xFE00...0xFE0F).contains(scalar.value)
                        #expect(
                            isKept,
                            "seed \(Self.seed) round \(round): \(String(scalar.value, radix: 16)) in \(line)"
                        )
                    }
                }
            }
        }
    }
}
