import Testing

@testable import pond_tui

@Suite struct MouseTests {
    /// Where a text stands on the screen.
    private static func place(of text: String, _ model: Model, last: Bool = false) -> (column: Int, row: Int)? {
        let lines = Renderer.render(model, model.size).lines
        let rows = lines.indices.filter { lines[$0].contains(text) }
        guard let row = last ? rows.last : rows.first, let range = lines[row].firstRange(of: text) else { return nil }
        return (TextSanitiser.glyphs(String(lines[row][..<range.lowerBound])).columns, row)
    }

    private static func click(
        _ text: String,
        _ model: inout Model,
        _ kind: Event.MouseEvent.Kind = .press,
        last: Bool = false,
        offset: Int = 0
    ) -> [Effect] {
        guard let place = Self.place(of: text, model, last: last) else {
            Issue.record("\(text) is not shown")
            return []
        }
        let event = Event.MouseEvent(column: place.column + offset, row: place.row, kind: kind)
        return Update.apply(.mouse(event), to: &model, at: model.now)
    }

    @Test(arguments: [(80, 24), (140, 40)]) func aClickGoesToTheRoomUnderIt(_ size: (Int, Int)) {
        var model = Fixture.stalled(size.0, size.1)
        _ = Self.click("#dev", &model)
        #expect(model.currentName == "dev")
    }

    @Test func aScrolledListGoesToTheRoomThatIsShown() {
        var model = Fixture.joined(80, 24)
        for index in 0..<60 {
            _ = Update.apply(.session(.channel(room: "room\(index)", .joined, reason: nil)), to: &model, at: model.now)
        }
        _ = Update.apply(.line("/switch room40"), to: &model, at: model.now)
        _ = Self.click("#room37", &model)
        #expect(model.currentName == "room37")
    }

    @Test func belowTheRoomsThereIsNoRoom() {
        var model = Fixture.joined(80, 24)
        for index in 0..<60 {
            _ = Update.apply(.session(.channel(room: "room\(index)", .joined, reason: nil)), to: &model, at: model.now)
        }
        // People stand where a longer list of rooms would go on.
        let effects = Self.click("+ bob", &model)
        #expect(model.currentName == "@bob")
        #expect(effects.contains(.session(.join(room: "@bob"))))
    }

    @Test func theNarrowListOfRoomsCanBeClickedToo() {
        var model = Fixture.stalled(50, 14)
        _ = Update.apply(.key(Key(.function(7))), to: &model, at: model.now)
        _ = Self.click("#ops", &model)
        #expect(model.currentName == "ops" && model.narrowPane == nil)
    }

    @Test func theOtherButtonAsksWhoSomebodyIs() {
        var model = Fixture.joined(140, 40)
        let effects = Self.click("+ bob", &model, .secondaryPress)
        #expect(effects == [.session(.whois("bob"))])
        #expect(model.currentName == "general")
    }

    @Test func linksOpenWhereTheirTextOrTheirNumberIsClicked() {
        var model = Fixture.joined(80, 24)
        let text = "see https://one.example/a and https://two.example/with-a-path-that-has-to-be-broken-somewhere/b"
        let message = Fixture.message("bob", text, at: model.now)
        _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
        let first = "https://one.example/a"
        #expect(Self.click(first, &model).contains(.openURL(first)))
        let second = "https://two.example/with-a-path-that-has-to-be-broken-somewhere/b"
        #expect(Self.click("https://two", &model).contains(.openURL(second)))
        // The rest of it, in the row below.
        #expect(Self.click("somewhere/b", &model).contains(.openURL(second)))
        #expect(Self.click("[link 1]", &model, offset: 2).contains(.openURL(first)))
        #expect(Self.click("[link 2]", &model, .secondaryPress, offset: 2).contains(.copy(second)))
        #expect(Self.click("see ", &model).isEmpty)
    }

    @Test func aClickIntoTheTextMovesTheCursor() {
        var model = Fixture.joined(80, 24)
        model.editor.replace(with: "漢字 hello there")
        _ = Self.click("there", &model, last: true)
        // Columns, not letters: two of them are wide.
        #expect(model.editor.cursor == 9)
        _ = Update.apply(.mouse(.init(column: 79, row: 23, kind: .press)), to: &model, at: model.now)
        #expect(model.editor.cursor == model.editor.characters.count)
        _ = Update.apply(.mouse(.init(column: 0, row: 23, kind: .press)), to: &model, at: model.now)
        #expect(model.editor.cursor == 0)
    }

    @Test func theRoomsInTheStatusLineAndTheWordsBelowCanBeClicked() {
        var model = Fixture.stalled(80, 24)
        _ = Self.click("2:#ops", &model)
        #expect(model.currentName == "ops")
        for index in 0..<60 {
            let message = Fixture.message("bob", "line \(index)", at: model.now, id: "x\(index)")
            _ = Update.apply(.session(.message(room: "ops", message)), to: &model, at: model.now)
        }
        _ = Update.apply(.mouse(.init(column: 40, row: 10, kind: .wheelUp)), to: &model, at: model.now)
        #expect(model.current?.scroll != nil)
        _ = Self.click("-MORE", &model)
        #expect(model.current?.scroll == nil)
    }

    @Test func whatIsOpenTakesTheWheelAndNoClickGoesThroughIt() {
        var model = Fixture.stalled(80, 24)
        let place = Self.place(of: "#dev", model) ?? (0, 0)
        _ = Update.apply(.key(Key(.function(1))), to: &model, at: model.now)
        _ = Update.apply(.mouse(.init(column: 40, row: 10, kind: .wheelDown)), to: &model, at: model.now)
        #expect(model.overlay == .help(filter: "", top: 3))
        #expect(model.current?.scroll == nil)
        _ = Update.apply(.mouse(.init(column: place.column, row: place.row, kind: .press)), to: &model, at: model.now)
        #expect(model.currentName == "general")
    }

    @Test func aClickAnywhereNeverFails() {
        for (columns, rows) in [(0, 0), (1, 1), (20, 3), (30, 6), (40, 10), (61, 9), (80, 24), (140, 40)] {
            var model = Fixture.recovered(140, 40)
            model.completion = nil
            _ = Update.apply(.resize(Size(columns: columns, rows: rows)), to: &model, at: model.now)
            for row in stride(from: -1, to: rows + 2, by: 3) {
                for column in stride(from: -1, to: columns + 2, by: 7) {
                    var clicked = model
                    let kind: Event.MouseEvent.Kind = (row + column) % 2 == 0 ? .press : .secondaryPress
                    _ = Update.apply(.mouse(.init(column: column, row: row, kind: kind)), to: &clicked, at: model.now)
                }
            }
        }
    }
}
