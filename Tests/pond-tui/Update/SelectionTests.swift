import Testing

@testable import pond_tui

@Suite struct SelectionTests {
    private func room(_ count: Int = 5, _ columns: Int = 80, _ rows: Int = 24) -> Model {
        var model = Fixture.joined(columns, rows)
        for number in 1...count {
            let author = number.isMultiple(of: 2) ? "alice" : "bob"
            let text = number == 3 ? "see https://a.example and https://b.example" : "text \(number)"
            let message = Fixture.message(author, text, at: model.now + Int64(number), id: "m\(number)")
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now + Int64(number))
        }
        return model
    }

    @discardableResult
    private func press(_ names: String, _ model: inout Model) -> [Effect] {
        names.split(separator: " ").flatMap { name -> [Effect] in
            guard let key = Key(String(name)) else {
                Issue.record("no key \(name)")
                return []
            }
            return Update.apply(.key(key), to: &model, at: model.now)
        }
    }

    private func chosen(_ model: Model) -> String? { model.selectedItem?.message?.id }

    @Test func keysMoveFromTheNewestMessageToOthersAndStopAtTheEnds() {
        var model = self.room()
        self.press("C-o", &model)
        #expect(self.chosen(model) == "m5")
        self.press("k Up", &model)
        #expect(self.chosen(model) == "m3")
        self.press("j", &model)
        #expect(self.chosen(model) == "m4")
        self.press("g k k", &model)
        #expect(self.chosen(model) == "m1")
        self.press("G j", &model)
        #expect(self.chosen(model) == "m5")
        self.press("Esc", &model)
        #expect(model.overlay == nil && model.editor.isEmpty)
    }

    @Test func aReplyGoesToTheChosenMessageWhateverArrives() throws {
        var model = self.room()
        self.press("C-o k k r", &model)
        #expect(model.editor.text == "/reply ")
        for number in 0..<9 {
            let message = Fixture.message("bob", "more \(number)", at: model.now + 100)
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now + 100)
        }
        self.press("2 Space y e s", &model)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("answers 12:00 bob: see") })
        let effects = self.press("Enter", &model)
        let sent = effects.compactMap { if case .session(.send(let message)) = $0 { message } else { nil } }
        #expect(sent.map(\.text) == ["2 yes"], "a text that begins with a number names no message")
        #expect(sent.map(\.purpose) == [.message(.text, replyTo: "m3")])
    }

    @Test func aReplyThatWasBegunStillMeansItsMessageAfterARestart() throws {
        var model = self.room()
        self.press("C-o k k r o k", &model)
        let state = try #require(SavedState(SavedState(model).bytes))
        var next = Fixture.empty()
        state.restore(into: &next)
        #expect(next.current?.choice == model.current?.choice)
        #expect(next.editor.text == "/reply ok")
    }

    @Test func ownMessagesAreEditedOthersAreNot() {
        var model = self.room()
        self.press("C-o e", &model)
        #expect(model.hint?.hasPrefix("not yours") == true && model.editor.isEmpty)
        self.press("k e", &model)
        #expect(model.editor.text == "/edit text 4")
        let effects = self.press("! Enter", &model)
        let sent = effects.compactMap { if case .session(.send(let message)) = $0 { message } else { nil } }
        #expect(sent.map(\.purpose) == [.edit(of: "m4")] && sent.map(\.text) == ["text 4!"])
    }

    @Test func removingAsksOnceAndActsOnWhatWasShown() {
        var model = self.room()
        self.press("C-o k d", &model)
        #expect(model.hint == "d again removes 12:00 alice: text 4" && model.outbox.entries.isEmpty)
        // Moving takes the question back.
        self.press("k j d", &model)
        #expect(model.outbox.entries.isEmpty)
        let effects = self.press("d", &model)
        let sent = effects.compactMap { if case .session(.send(let message)) = $0 { message } else { nil } }
        #expect(sent.map(\.purpose) == [.removal(of: "m4", reason: nil)])
        #expect(self.chosen(model) == "m3")
    }

    @Test func copiesOpensAndGoesToTheAnsweredMessage() {
        var model = self.room()
        #expect(self.press("C-o c", &model).contains(.copy("text 5")))
        #expect(self.press("k k o", &model).contains(.openURL("https://a.example")))
        #expect(self.press("2", &model).contains(.openURL("https://b.example")))
        #expect(!self.press("3", &model).contains { if case .openURL = $0 { true } else { false } })
        let answer = Fixture.message("bob", "answer", at: model.now + 50, id: "m6", replyTo: "m1")
        _ = Update.apply(.session(.message(room: "general", answer)), to: &model, at: model.now + 50)
        self.press("G a", &model)
        #expect(self.chosen(model) == "m1")
    }

    @Test func queuedMessagesAreTakenBackEditedAndDropped() {
        var model = self.room()
        _ = Update.apply(
            .session(.connection(.init(state: .disconnected, attempt: 1, reason: "gone"))),
            to: &model,
            at: model.now
        )
        _ = Update.apply(.session(.channel(room: "general", .stalled, reason: nil)), to: &model, at: model.now)
        for text in ["first", "second", "third"] { _ = Update.apply(.line(text), to: &model, at: model.now) }
        self.press("C-o k t", &model)
        #expect(model.editor.text == "second")
        #expect(model.outbox.entries.map(\.text) == ["first", "third"])
        self.press("C-u C-o d d", &model)
        #expect(model.outbox.entries.map(\.text) == ["first"])
        self.press("Esc C-o e", &model)
        #expect(model.editor.text == "/edit first")
        self.press("! Enter", &model)
        #expect(model.outbox.entries.map(\.text) == ["first!"])
        #expect(model.current?.timeline.items.last?.message?.text == "first!")
    }

    @Test func whatIsBeingWrittenIsNotLost() {
        var model = self.room()
        self.press("a b C-o t", &model)
        #expect(model.editor.text == "ab")
        self.press("r", &model)
        #expect(model.editor.text == "/reply ab")
    }

    @Test(arguments: [(80, 24), (40, 10), (30, 6)]) func theChosenMessageStaysInSight(_ size: (Int, Int)) {
        var model = self.room(60, size.0, size.1)
        self.press("C-o", &model)
        func isSeen() -> Bool {
            guard let room = model.current, let key = model.selectedItem?.key else { return false }
            let layout = model.layout(model.size)
            return model.timelineLayout(room, layout).lines(rows: layout.timeline.rows).contains { $0.key == key }
        }
        for _ in 0..<59 {
            self.press("k", &model)
            #expect(isSeen())
        }
        #expect(self.chosen(model) == "m1")
        for _ in 0..<30 {
            self.press("j", &model)
            #expect(isSeen())
        }
        for number in 0..<40 {
            let message = Fixture.message("bob", "more \(number)", at: model.now + 100)
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now + 100)
            #expect(isSeen())
        }
        self.press("G", &model)
        #expect(isSeen() && model.current?.scroll == nil)
    }

    @Test func theChosenMessageIsMarkedAndItsKeysAreNamed() {
        var model = self.room()
        self.press("C-o", &model)
        let grid = Renderer.render(model, model.size)
        #expect(grid.lines.last?.contains("r reply") == true)
        let row = grid.cursor?.row ?? 0
        #expect(grid.lines[row].contains("text 5"))
        #expect(grid.row(row).suffix(50).allSatisfy { $0.style.attributes.contains(.reverse) })
    }

    @Test func anEmptyRoomHasNothingToChoose() {
        var model = Fixture.joined()
        self.press("C-o", &model)
        #expect(model.overlay == nil && model.hint == "no message here to choose")
    }
}
