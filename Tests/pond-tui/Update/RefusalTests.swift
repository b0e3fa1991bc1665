import Testing

@testable import pond_tui

/// What a server refuses is said once, in words, with what can be done.
@Suite struct RefusalTests {
    private func session(_ event: SessionEvent, _ model: inout Model) -> [Effect] {
        Update.apply(.session(event), to: &model, at: model.now)
    }

    private func notices(_ model: Model) -> [String] {
        model.rooms[0].timeline.items.compactMap { item in
            if case .notice(let text, _) = item.content { text } else { nil }
        }
    }

    @Test func aTakenNameIsToldWithOneThatIsFree() {
        var model = Fixture.empty()
        model.nick = "guest"
        let refused = SessionEvent.connection(
            .init(
                state: .disconnected,
                attempt: 1,
                reason: "the name guest is taken, or looks like one that is",
                refusal: 409
            )
        )
        _ = self.session(refused, &model)
        #expect(model.hint == "the name guest is taken; /nick guest-2, or F5 to try again")
        let screen = Renderer.render(model, model.size).lines
        #expect(screen.contains { $0.contains("guest-2") && $0.contains("F5") }, "\(screen.joined(separator: "\n"))")
        #expect(Update.otherName("guest-2") == "guest-3")
        #expect(Update.otherName("jean-luc") == "jean-luc-2")
        #expect(Room.name(typed: "@" + Update.otherName(String(repeating: "x", count: 32))) != nil)
    }

    @Test func aRoomThatIsNotThereSaysWhichOnesThereAre() {
        var model = Fixture.joined()
        let rooms = ["lobby", "dev"].map { ListedRoom(name: $0, topic: "", members: 1) }
        _ = self.session(.directory(rooms, gone: [], isWhole: true), &model)
        for state in [ChannelState.joining, .declined, .joining, .declined] {
            _ = self.session(
                .channel(room: "general", state, reason: state == .declined ? "404 no such room" : nil),
                &model
            )
        }
        #expect(self.notices(model) == ["not let in: 404 no such room. There are #dev #lobby; /join NAME enters one"])
        let line = Renderer.render(model, model.size).lines.first { $0.contains("[DECLINED]") }
        #expect(line?.contains("no such room, /rejoin") == true && line?.contains("~") == false, "\(line ?? "")")
    }

    @Test func aLongReasonNeverPushesOutWhatToDo() {
        for columns in 40...160 {
            var model = Fixture.joined(columns, 30)
            let reason = "403 this room is for the members of the committee on ponds and their guests"
            _ = self.session(.channel(room: "general", .declined, reason: reason), &model)
            let line = Renderer.render(model, model.size).lines.first { $0.contains("[DECLINED]") }
            #expect(line?.contains("/rejoin") == true, "\(columns): \(line ?? "")")
            #expect(line?.contains("~") == false, "\(columns): \(line ?? "")")
        }
    }

    @Test func whoIsPutOutReadsByWhomAndWhyInTheRoom() {
        var model = Fixture.joined()
        _ = self.session(.channel(room: "general", .closed, reason: "alice was put out, by mallory: shouting"), &model)
        #expect(self.notices(model) == ["alice was put out, by mallory: shouting; /rejoin enters again"])
        var left = Fixture.joined()
        _ = self.session(.channel(room: "general", .closed, reason: nil), &left)
        #expect(self.notices(left).isEmpty, "leaving by oneself is no news")
    }

    @Test func removedMessagesAreNotAnsweredOrRemovedAgain() {
        var model = Fixture.joined()
        for (id, text) in [("m1", "first"), ("m2", "second")] {
            _ = self.session(.message(room: "general", Fixture.message("bob", text, at: model.now, id: id)), &model)
        }
        _ = self.session(.removed(room: "general", id: "m2", by: "bob"), &model)
        _ = Update.apply(.line("/reply bob yes"), to: &model, at: model.now)
        #expect(model.outbox.entries.last?.needs == "m1")
        _ = Update.apply(.line("/remove bob"), to: &model, at: model.now)
        #expect(model.outbox.entries.last?.changes == "m1")
        _ = self.session(.removed(room: "general", id: "m1", by: "bob"), &model)
        let count = model.outbox.entries.count
        _ = Update.apply(.line("/remove bob"), to: &model, at: model.now)
        #expect(model.outbox.entries.count == count)
        #expect(model.hint == "no such message here")
    }
}
