import Testing

@testable import pond_tui

/// Those whom the user ignores count nowhere.
@Suite struct IgnoredPeopleTests {
    private func session(_ event: SessionEvent, _ model: inout Model) -> [Effect] {
        Update.apply(.session(event), to: &model, at: model.now)
    }

    private func ignoring(_ name: String) -> Model {
        var model = Fixture.joined()
        _ = self.session(.channel(room: "ops", .joined, reason: nil), &model)
        model.settings.ignored = [name]
        model.settings.notifications = .line
        return model
    }

    @Test func liveMessagesMarksAndTyping() {
        var model = self.ignoring("eve")
        _ = self.session(.history(room: "ops", [], isComplete: true), &model)
        for text in ["one", "alice: two"] {
            let effects = self.session(.message(room: "ops", Fixture.message("eve", text, at: model.now)), &model)
            #expect(!effects.contains(.bell))
        }
        _ = self.session(.typing(room: "ops", name: "eve"), &model)
        #expect(model.rooms[1].unread == 0 && model.rooms[1].mentions == 0 && model.rooms[1].typing.isEmpty)
        _ = self.session(.message(room: "ops", Fixture.message("bob", "three", at: model.now)), &model)
        _ = self.session(.message(room: "ops", Fixture.message("eve", "four", at: model.now)), &model)
        #expect(model.rooms[1].unread == 1)
        #expect(model.rooms[1].countAfterMarker(own: "alice", model.settings) == 1)
    }

    @Test func whatTheServerCountedOfThemIsTakenOff() {
        var model = self.ignoring("eve")
        _ = self.session(.read(room: "ops", .init(upTo: "old", unread: 10, mentions: 2)), &model)
        let page = (0..<10).map {
            Fixture.message($0 < 7 ? "eve" : "bob", $0 == 0 ? "alice!" : "text", at: model.now, id: "m\($0)")
        }
        _ = self.session(.history(room: "ops", page, isComplete: false), &model)
        #expect(model.rooms[1].unread == 3)
        #expect(model.rooms[1].mentions == 1)
    }

    @Test func aConversationThatTheyBeginIsNotOpened() {
        var model = self.ignoring("eve")
        let effects = self.session(.direct(room: "@eve", Fixture.message("eve", "psst", at: model.now)), &model)
        #expect(effects.isEmpty)
        #expect(model.index(of: "@eve") == nil)
        let other = self.session(.direct(room: "@bob", Fixture.message("bob", "hi", at: model.now)), &model)
        #expect(other.contains(.session(.join(room: "@bob"))))
        #expect(model.index(of: "@bob").map { model.rooms[$0].unread } == 1)
    }

    @Test func ignoringSomebodyTakesTheirUnreadMessagesAway() {
        var model = self.ignoring("nobody")
        _ = self.session(.history(room: "ops", [], isComplete: true), &model)
        for author in ["eve", "bob", "eve"] {
            let message = Fixture.message(author, "hi", at: model.now, id: author + String(model.rooms[1].unread))
            _ = self.session(.message(room: "ops", message), &model)
        }
        #expect(model.rooms[1].unread == 3)
        _ = Update.apply(.line("/ignore eve"), to: &model, at: model.now)
        #expect(model.rooms[1].unread == 1)
        _ = Update.apply(.line("/ignore eve"), to: &model, at: model.now)
        #expect(model.rooms[1].unread == 3)
    }
}
