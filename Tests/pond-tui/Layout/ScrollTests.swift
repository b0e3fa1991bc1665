import Testing

@testable import pond_tui

/// Where the pane stands in messages that have more rows than it.
@Suite struct ScrollTests {
    private func press(_ keys: String, _ model: inout Model) {
        for name in keys.split(separator: " ") {
            guard let key = Key(String(name)) else {
                Issue.record("no key \(name)")
                continue
            }
            _ = Update.apply(.key(key), to: &model, at: model.now)
        }
    }

    /// `#general` with one short message that was read, and then an unread one of `rows` rows.
    private func longUnread(_ rows: Int, columns: Int, screenRows: Int) -> Model {
        var model = Fixture.joined(columns, screenRows)
        func say(_ text: String, _ minute: Int) {
            let message = Fixture.message("bob", text, at: Fixture.at(12, minute))
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
        }
        say("read already", 1)
        _ = Update.apply(.focus(false), to: &model, at: model.now)
        say((1...rows).map { "row \($0)." }.joined(separator: "\n"), 2)
        _ = Update.apply(.focus(true), to: &model, at: model.now)
        return model
    }

    private func shownRows(_ model: Model) -> [Int] {
        Renderer.render(model, model.size).lines.compactMap { line in
            line.firstRange(of: "row ").flatMap { found in
                let digits = line[found.upperBound...].prefix { $0.isNumber }
                return line[found.upperBound...].dropFirst(digits.count).first == "." ? Int(digits) : nil
            }
        }
    }

    @Test(arguments: [(80, 24), (140, 40), (50, 12), (25, 6)])
    func theFirstUnreadMessageBeginsAtTheTopAndAllOfItIsReachable(_ columns: Int, _ rows: Int) {
        var model = self.longUnread(80, columns: columns, screenRows: rows)
        let pane = model.layout(model.size).timeline.rows
        self.press("M-u", &model)
        #expect(self.shownRows(model).first == 1)
        #expect(self.shownRows(model).count >= pane - 2, "the pane is filled: \(self.shownRows(model)) of \(pane)")
        var seen = Set(self.shownRows(model))
        for _ in 0..<100 where model.rooms[0].scroll != nil {
            self.press("PgDn", &model)
            seen.formUnion(self.shownRows(model))
        }
        #expect(seen == Set(1...80))
        #expect(model.rooms[0].scroll == nil, "the end is reached")
        for _ in 0..<100 { self.press("PgUp", &model) }
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("read already") })
    }

    @Test func aMessageThatIsTheOnlyOneFillsThePaneWhereverItIsScrolledTo() {
        var model = Fixture.joined()
        let text = (1...80).map { "row \($0)." }.joined(separator: "\n")
        _ = Update.apply(
            .session(.message(room: "general", Fixture.message("bob", text, at: model.now))),
            to: &model,
            at: model.now
        )
        let full = self.shownRows(model).count
        model.rooms[0].scroll = ScrollAnchor(key: model.rooms[0].timeline.lastKey, hiddenLines: 75)
        #expect(self.shownRows(model).count >= full - 1)
    }

    @Test func unreadMessagesThatFitAreShownAtTheEnd() {
        var model = self.longUnread(3, columns: 80, screenRows: 24)
        self.press("M-u", &model)
        #expect(model.rooms[0].scroll == nil)
        #expect(self.shownRows(model) == [1, 2, 3])
    }

    @Test func aMessageFoundBySearchShowsItsFirstRow() {
        var model = self.longUnread(80, columns: 80, screenRows: 24)
        _ = Update.apply(.line("/search row 1."), to: &model, at: model.now)
        #expect(self.shownRows(model).first == 1)
    }

    @Test func whatIsBelowALongMessageIsCountedInRows() {
        var model = self.longUnread(80, columns: 80, screenRows: 24)
        self.press("M-u", &model)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("rows)-") })
    }
}
