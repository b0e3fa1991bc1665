import Testing

@testable import pond_tui

@Suite struct GoldenScreenTests {
    static let sizes = [(20, 5), (40, 10), (80, 24), (140, 40)]

    @Test(arguments: Self.sizes) func stalledScreenIsAsKept(_ size: (Int, Int)) throws {
        let model = Fixture.stalled(size.0, size.1)
        try GoldenText.check(Renderer.render(model, model.size), "stalled-\(size.0)x\(size.1)")
    }

    @Test(arguments: Self.sizes) func recoveredScreenIsAsKept(_ size: (Int, Int)) throws {
        let model = Fixture.recovered(size.0, size.1)
        try GoldenText.check(Renderer.render(model, model.size), "recovered-\(size.0)x\(size.1)")
    }

    @Test(arguments: Self.sizes) func monochromeScreenIsAsKept(_ size: (Int, Int)) throws {
        let model = Fixture.stalled(size.0, size.1)
        try GoldenText.check(
            Renderer.render(model, model.size).withoutColour(),
            "stalled-\(size.0)x\(size.1)-no-colour"
        )
        var mono = model
        mono.settings.theme = "mono"
        try GoldenText.check(Renderer.render(mono, mono.size), "stalled-\(size.0)x\(size.1)-mono")
    }

    @Test(arguments: [("help", Key(.function(1))), ("switcher", Key(.function(2)))])
    func overlayIsAsKept(_ overlay: (String, Key)) throws {
        let model = Fixture.model([.key(overlay.1)], from: Fixture.recovered(80, 24), at: Fixture.at(12, 43, 2))
        try GoldenText.check(Renderer.render(model, model.size), "\(overlay.0)-80x24")
    }

    @Test func theTwoRowsBelowSayEachTheirOwnAndNothingByHalves() {
        for columns in 40...160 {
            let model = Fixture.joined(columns, 30)
            let lines = Renderer.render(model, model.size).lines
            #expect(lines.count { $0.contains("F1 help") } == 1, "\(columns)")
            #expect(!lines.suffix(3).contains { $0.hasSuffix("~") }, "\(columns)")
        }
        var model = Fixture.joined(110, 30)
        _ = model.keyMap.bind("F1", to: "noop")
        let rows = Renderer.render(model, model.size).lines.suffix(2)
        #expect(rows.first?.contains("12:00") == true)
        #expect(rows.last?.hasPrefix(" M-? help") == true)
    }

    @Test func everySizeFromNothingUpIsDrawn() {
        let big = Fixture.recovered(140, 40)
        for rows in [0, 1, 2, 3, 4, 7, 8, 9, 16, 24, 60] {
            for columns in [0, 1, 2, 3, 19, 20, 39, 40, 41, 59, 60, 79, 119, 120, 141, 300] {
                var model = big
                _ = Update.apply(.resize(Size(columns: columns, rows: rows)), to: &model, at: model.now)
                let grid = Renderer.render(model, model.size)
                #expect(grid.cells.count == columns * rows)
                for row in 0..<rows { #expect(grid.row(row).reduce(0) { $0 + max($1.width, 0) } == columns) }
            }
        }
    }

    @Test func coloursAloneNeverTellAnything() {
        for size in Self.sizes {
            let model = Fixture.stalled(size.0, size.1)
            var mono = model
            mono.settings.theme = "mono"
            #expect(Renderer.render(model, model.size).lines == Renderer.render(mono, mono.size).lines)
            let cells = Renderer.render(model, model.size).withoutColour().cells
            #expect(cells.allSatisfy { $0.style.foreground == nil && $0.style.background == nil })
        }
    }
}
