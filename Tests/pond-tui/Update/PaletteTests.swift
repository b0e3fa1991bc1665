import Testing

@testable import pond_tui

@Suite struct PaletteTests {
    private func press(_ keys: [String], _ model: inout Model) -> [Effect] {
        keys.flatMap { word -> [Effect] in
            let named = word.count > 1 ? Key(word) : nil
            let pressed = named.map { [$0] } ?? word.map { Key(.character($0)) }
            return pressed.flatMap { Update.apply(.key($0), to: &model, at: model.now) }
        }
    }

    private func model() -> Model {
        var model = Fixture.recovered(80, 24)
        model.completion = nil
        model.editor = LineEditor()
        let listed = [ListedRoom(name: "theatre", topic: "plays", members: 3)]
        return Fixture.model([.session(.directory(listed, gone: [], isWhole: true))], from: model, at: model.now)
    }

    @Test func roomsPeopleCommandsAndSettingsAreFound() {
        let model = self.model()
        #expect(model.palette("the").contains(.room("theatre")))
        #expect(model.palette("the").contains(.command(.theme)) && model.palette("the").contains(.setting("theme")))
        #expect(model.palette("gra").contains(.person("grace")))
        #expect(model.palette("@").allSatisfy { if case .person = $0 { true } else { false } })
        #expect(!model.palette("@").contains(.person("alice")))
        #expect(model.palette("/rec") == [.command(.reconnect)])
        #expect(model.palette("clipboard").contains(.command(.copy)), "what a command does finds it too")
        #expect(model.palette("#new").last == .newRoom("new"))
        #expect(!model.palette("theatre").contains(.newRoom("theatre")))
    }

    @Test func enterGoesThereOrDoesIt() {
        var model = self.model()
        var effects = self.press(["F2", "theatre", "Enter"], &model)
        #expect(effects.contains(.session(.join(room: "theatre"))) && model.currentName == "theatre")
        _ = self.press(["F2", "@grace", "Enter"], &model)
        #expect(model.currentName == "@grace")
        effects = self.press(["F2", "/reconnect", "Enter"], &model)
        #expect(effects.contains(.session(.reconnect)))
        _ = self.press(["F2", "/topic", "Enter"], &model)
        #expect(model.editor.text == "/topic ")
        _ = self.press(["F2", "/msg", "Enter"], &model)
        #expect(model.editor.text == "/topic " && model.hint?.contains("not empty") == true)
        _ = self.press(["C-u", "F2", "paste_", "Enter"], &model)
        #expect(model.editor.text == "/set paste_lines 3")
    }

    @Test func hostileNamesAndAnyLettersAreDrawn() {
        var model = self.model()
        _ = Update.apply(
            .session(.personJoined(room: "ops", Person(name: "e\u{1B}[2Jvil"))),
            to: &model,
            at: model.now
        )
        for query in ["", "e", "@e", "/", "#", "\u{202E}", String(repeating: "x", count: 300)] {
            model.overlay = .switcher(query: query, selected: 1_000)
            for size in [Size(columns: 20, rows: 3), Size(columns: 80, rows: 24)] {
                let grid = Renderer.render(model, size)
                #expect(grid.lines.allSatisfy { !$0.contains("\u{1B}") })
            }
        }
    }
}

@Suite struct FoundMessageTests {
    private func press(_ names: String, _ model: inout Model) -> [Effect] {
        names.split(separator: " ").flatMap { name -> [Effect] in
            Key(String(name)).map { Update.apply(.key($0), to: &model, at: model.now) } ?? []
        }
    }

    private func message(_ number: Int) -> ChatMessage {
        Fixture.message("bob", "text \(number)", at: Fixture.at(9, 0) + Int64(number) * 1_000, id: "m\(number)")
    }

    /// A room whose newest page is here, and what the server found in it.
    private func searched(_ found: [Int]) -> Model {
        var model = Fixture.joined()
        model.rooms[0].timeline.clear()
        model.rooms[0].history = .loading
        let page = (150...200).map { self.message($0) }
        return Fixture.model(
            [
                .session(.history(room: "general", page, isComplete: false)),
                .session(.found(room: "general", query: "text", found.map { self.message($0) })),
            ],
            from: model
        )
    }

    @Test func aHitThatIsLoadedIsShownInItsContextAndEscapeLeadsBack() {
        var model = self.searched([160, 199])
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("#general: text") })
        _ = self.press("Up Enter", &model)
        #expect(model.selectedItem?.message?.id == "m160")
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("text 161") })
        _ = self.press("Esc", &model)
        guard case .found(let found) = model.overlay else {
            Issue.record("not back")
            return
        }
        #expect(found.selected == 0)
        _ = self.press("Esc", &model)
        #expect(model.overlay == nil && model.current?.scroll == nil, "back where the search began")
    }

    @Test func aHitThatIsNotLoadedIsLookedForInOlderPages() {
        var model = self.searched([10])
        let effects = self.press("Enter", &model)
        #expect(effects.contains { if case .session(.history) = $0 { true } else { false } })
        for first in [100, 50, 1] {
            let page = (first..<(first + 50)).map { self.message($0) }
            _ = Update.apply(
                .session(.history(room: "general", page, isComplete: first == 1)),
                to: &model,
                at: model.now
            )
        }
        #expect(model.selectedItem?.message?.id == "m10" && model.sought == nil)
    }

    @Test func aHitThatIsGoneEndsTheSearch() {
        var model = self.searched([10])
        _ = self.press("Enter", &model)
        _ = Update.apply(.session(.history(room: "general", [], isComplete: true)), to: &model, at: model.now)
        #expect(model.sought == nil && model.hint == "that message is too far back, or not there any more")
        var endless = self.searched([10])
        _ = self.press("Enter", &endless)
        for page in 0..<100 {
            let older = Fixture.message("bob", "x", at: Fixture.at(8, 0) + Int64(100 - page), id: "o\(page)")
            _ = Update.apply(
                .session(.history(room: "general", [older], isComplete: false)),
                to: &endless,
                at: endless.now
            )
        }
        #expect(endless.sought == nil)
    }

    @Test func leavingASearchGoesBackToWhereItBegan() {
        var model = self.searched([])
        _ = self.press("Esc PgUp PgUp", &model)
        let before = model.current?.scroll
        #expect(before != nil)
        _ = self.press("C-s 1 9 9 Esc", &model)
        #expect(model.current?.scroll == before)
    }

    @Test func plainLinesTellWhatWasFound() {
        var printer = PlainPrinter(isJSON: false)
        let model = self.searched([160])
        #expect(printer.lines(model).contains { $0.hasPrefix("\t") && $0.contains("text 160") })
    }
}
