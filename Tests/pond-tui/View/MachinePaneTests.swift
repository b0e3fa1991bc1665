import Testing

@testable import pond_tui

@Suite struct MachinePaneTests {
    private func press(_ names: String, _ model: inout Model) -> [Effect] {
        names.split(separator: " ").flatMap { name -> [Effect] in
            guard let key = Key(String(name)) else { return [] }
            return Update.apply(.key(key), to: &model, at: model.now)
        }
    }

    @Test(arguments: [(40, 10), (80, 24), (140, 40)]) func paneIsAsKept(_ size: (Int, Int)) throws {
        let model = Fixture.model(
            [
                .session(.heard(lagMilliseconds: 20)), .session(.heard(lagMilliseconds: 80)), .key(Key(.function(6))),
                .tick,
            ],
            from: Fixture.stalled(size.0, size.1),
            at: Fixture.at(12, 42, 11)
        )
        try GoldenText.check(Renderer.render(model, model.size), "machines-\(size.0)x\(size.1)")
        var ascii = model
        ascii.charset = "ASCII"
        let lines = Renderer.render(ascii, ascii.size).lines
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
    }

    @Test func everyArrowIsDrawnInCellsThatHaveSomethingAndLeadsBetweenStates() {
        for (diagram, states) in [
            (MachineDiagram.connection, ["DISCONNECTED", "CONNECTING", "CONNECTED"]),
            (MachineDiagram.channel, ["IDLE", "JOINING", "JOINED", "STALLED", "CLOSED", "DECLINED"]),
        ] {
            for state in states {
                let place = diagram.place(of: state)
                #expect(place?.columns.count == state.count)
                for other in states {
                    for cell in diagram.cells(from: state, to: other) {
                        let line = Array(diagram.lines[cell.row])
                        #expect(cell.columns.upperBound <= line.count)
                        let ends = [cell.columns.lowerBound, cell.columns.upperBound - 1]
                        #expect(ends.allSatisfy { line[$0] != " " }, "\(state) to \(other)")
                    }
                }
            }
            #expect(
                diagram.lines.joined().allSatisfy { MachineDiagram.ascii(String($0)).utf8.allSatisfy { $0 < 0x80 } }
            )
        }
        #expect(MachineDiagram.connection.place(of: "CONNECTED")?.columns == 32..<41)
        #expect(!MachineDiagram.channel.cells(from: "STALLED", to: "JOINED").isEmpty)
        #expect(MachineDiagram.channel.cells(from: "CLOSED", to: "JOINED").isEmpty)
    }

    @Test func thePresentStateAndTheTransitionTakenAreLit() {
        var model = Fixture.stalled(80, 24)
        _ = self.press("F6", &model)
        let grid = Renderer.render(model, model.size)
        let rows = grid.lines.indices
        let row = rows.first { grid.lines[$0].contains("IDLE ──▶ JOINING") }
        guard let row, let start = grid.lines[row].firstRange(of: "STALLED") else {
            Issue.record("no diagram")
            return
        }
        let column = grid.lines[row].distance(from: grid.lines[row].startIndex, to: start.lowerBound)
        #expect(grid[column, row].style.attributes.contains(.reverse))
        #expect(grid[column - 2, row].style == model.theme[.current], "JOINED to STALLED was taken last")
        #expect(model.lastTransition(of: "general")?.from == "JOINED")
    }

    @Test func barAndSparklineTakeAnyNumbers() {
        #expect(MachineDiagram.bar(5, of: 10, columns: 10) == "▓▓▓▓▓░░░░░")
        #expect(MachineDiagram.bar(-5, of: 10, columns: 4) == "░░░░")
        #expect(MachineDiagram.bar(.max, of: .max, columns: 4) == "▓▓▓▓")
        #expect(MachineDiagram.bar(1, of: 0, columns: 4).isEmpty)
        #expect(MachineDiagram.sparkline([0, 50, 100], columns: 9) == "▁▅█")
        #expect(MachineDiagram.sparkline([1, 2, 3, 4], columns: 2).count == 2)
        #expect(MachineDiagram.sparkline([.min, .max, 0], columns: 3).count == 3)
        #expect(MachineDiagram.sparkline([], columns: 3).isEmpty)
    }

    @Test func keysBreakHealAndScrollAndLettersAreNotTyped() {
        var model = Fixture.joined()
        var effects = self.press("F6 c", &model)
        #expect(effects.contains(.session(.fault(.cut))))
        #expect(model.machines.fault == .cut && model.editor.isEmpty)
        effects = self.press("z", &model)
        #expect(effects.contains(.session(.fault(.frozen))) && effects.contains(.session(.ping)))
        effects = self.press("h", &model)
        #expect(effects.contains(.session(.fault(nil))) && model.machines.fault == nil)
        _ = self.press("Up Up", &model)
        #expect(model.machines.logOffset == 2)
        for _ in 0..<600 { _ = self.press("PgUp", &model) }
        #expect(model.machines.logOffset == model.stateLog.count - 1)
        _ = self.press("PgDn", &model)
        _ = self.press("Tab h i", &model)
        #expect(model.editor.text == "hi" && model.machines.isOpen)
        _ = self.press("F6 Esc", &model)
        #expect(!model.machines.isOpen && model.overlay == nil && model.editor.text == "hi")
    }

    @Test func aSmallScreenTellsTheStatesInWords() {
        var model = Fixture.joined(30, 6)
        _ = self.press("F6", &model)
        #expect(!model.machines.isOpen)
        guard case .text = model.overlay else {
            Issue.record("no page")
            return
        }
    }

    @Test func timePassesOnTheOpenPaneOnly() {
        var model = Fixture.joined(80, 24)
        #expect(model.nextTick == nil)
        _ = self.press("F6", &model)
        #expect(model.nextTick == model.now + 1_000)
        _ = Update.apply(.tick, to: &model, at: model.now + 120_000)
        #expect(model.nextTick == model.now + 60_000)
    }

    @Test func faultsAreACommandToo() {
        var model = Fixture.joined()
        var effects = Update.apply(.line("/fault freeze"), to: &model, at: model.now)
        #expect(effects.contains(.session(.fault(.frozen))))
        effects = Update.apply(.line("/fault melt"), to: &model, at: model.now)
        #expect(effects.isEmpty && model.hint == "usage: /fault cut|freeze|heal")
        model.isLocal = true
        effects = Update.apply(.line("/fault cut"), to: &model, at: model.now)
        #expect(effects.isEmpty)
    }
}
