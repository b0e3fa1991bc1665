import Testing

@testable import pond_tui

@Suite struct MentionTests {
    private func receive(_ message: ChatMessage, in room: String, _ model: inout Model) -> [Effect] {
        Update.apply(.session(.message(room: room, message)), to: &model, at: model.now)
    }

    private func elsewhere() -> Model {
        var model = Fixture.joined()
        for room in ["dev", "@bob", "ops"] {
            _ = Update.apply(.session(.channel(room: room, .joined, reason: nil)), to: &model, at: model.now)
            _ = Update.apply(.session(.history(room: room, [], isComplete: true)), to: &model, at: model.now)
        }
        return model
    }

    @Test func aReplyToTheUserIsAMention() {
        var model = self.elsewhere()
        _ = self.receive(Fixture.message("alice", "mine", at: model.now, id: "own"), in: "ops", &model)
        let effects = self.receive(
            Fixture.message("bob", "I agree", at: model.now, id: "r", replyTo: "own"),
            in: "ops",
            &model
        )
        #expect(effects.contains(.bell))
        let ops = model.index(of: "ops").map { model.rooms[$0] }
        #expect(ops?.mentions == 1 && ops?.unread == 1)
        _ = self.receive(Fixture.message("carol", "to bob", at: model.now, id: "s", replyTo: "r"), in: "ops", &model)
        #expect(model.index(of: "ops").map { model.rooms[$0].mentions } == 1)
        // The count is the same after somebody else is ignored.
        _ = Update.apply(.line("/ignore carol"), to: &model, at: model.now)
        #expect(model.index(of: "ops").map { model.rooms[$0].mentions } == 1)
        _ = Update.apply(.line("/switch ops"), to: &model, at: model.now)
        _ = Update.apply(.line("/switch general"), to: &model, at: model.now)
        #expect(model.index(of: "ops").map { model.rooms[$0].mentions } == 0)
    }

    @Test func mentionsComeBeforeConversationsAndThoseBeforeOtherRooms() {
        var model = self.elsewhere()
        _ = self.receive(Fixture.message("bob", "noise", at: model.now, id: "1"), in: "dev", &model)
        _ = self.receive(Fixture.message("bob", "psst", at: model.now, id: "2"), in: "@bob", &model)
        _ = self.receive(Fixture.message("bob", "alice: look", at: model.now, id: "3"), in: "ops", &model)
        #expect(RoomSearch.rooms("", in: model.rooms).prefix(3) == ["ops", "@bob", "dev"])
        let status = Renderer.render(model, model.size).lines[22]
        #expect(status.hasPrefix(" Act 4:#ops(@1,1) 3:@bob(1) 2:#dev(1)"))
        var visited: [String?] = []
        for _ in 0..<3 {
            if let key = Key("M-a") { _ = Update.apply(.key(key), to: &model, at: model.now) }
            visited.append(model.currentName)
        }
        #expect(visited == ["ops", "@bob", "dev"])
    }

    @Test func joinsOfIgnoredPeopleAreNotShown() {
        var model = Fixture.joined()
        model.settings.ignored = ["eve"]
        _ = Update.apply(.session(.personJoined(room: "general", Person(name: "eve"))), to: &model, at: model.now)
        _ = Update.apply(.session(.personJoined(room: "general", Person(name: "dan"))), to: &model, at: model.now)
        let names = model.rooms[0].timeline.items.compactMap { item -> String? in
            if case .presence(let name, _, _) = item.content { name } else { nil }
        }
        #expect(names == ["dan"])
    }
}
