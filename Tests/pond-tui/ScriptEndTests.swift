import Testing

@testable import pond_tui

/// When a script in a pipe ends, with which code, and what it says.
@Suite struct ScriptEndTests {
    private func script() -> Model {
        var model = Fixture.joined()
        model.isScript = true
        model.identity = SessionEvent.Identity(name: "alice")
        return model
    }

    private func apply(_ event: SessionEvent, _ model: inout Model) {
        _ = Update.apply(.session(event), to: &model, at: model.now)
    }

    @Test func waitsForWhatItWroteAndEndsWell() {
        var model = self.script()
        _ = Update.apply(.line("hello"), to: &model, at: model.now)
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == nil)
        #expect(end.exitCode(model, at: model.now + 9_000) == nil)
        self.apply(.delivered(id: model.outbox.entries[0].id), &model)
        #expect(end.exitCode(model, at: model.now + 9_500) == 0)
        #expect(ScriptEnd.report(model) == nil)
    }

    @Test func aServerThatIsNotReachedEndsItAndTheMessagesAreNamed() {
        var model = Fixture.empty()
        model.isScript = true
        for line in ["/join lobby", "hello", "and more"] { _ = Update.apply(.line(line), to: &model, at: model.now) }
        self.apply(.connection(.init(state: .disconnected, attempt: 1, reason: "refused")), &model)
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == nil)
        for attempt in 2...5 {
            self.apply(.connection(.init(state: .connecting, attempt: attempt)), &model)
            #expect(end.exitCode(model, at: model.now + Int64(attempt) * 1_000) == nil)
            self.apply(.connection(.init(state: .disconnected, attempt: attempt, reason: "refused")), &model)
        }
        #expect(end.exitCode(model, at: model.now + 10_000) == 69)
        #expect(
            ScriptEnd.report(model)
                == "pond-tui: 2 messages were not delivered and will not be sent later:\n"
                + "#lobby\thello\t(refused)\n#lobby\tand more\t(refused)\n"
        )
    }

    @Test func aNameOrRoomThatIsRefusedEndsItAtOnce() {
        var model = Fixture.empty()
        model.isScript = true
        for line in ["/join lobby", "hello"] { _ = Update.apply(.line(line), to: &model, at: model.now) }
        self.apply(.connection(.init(state: .disconnected, attempt: 1, reason: "taken", refusal: 409)), &model)
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == 77)
        model = self.script()
        self.apply(.channel(room: "general", .declined, reason: "403 banned"), &model)
        _ = Update.apply(.line("hello"), to: &model, at: model.now)
        end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == 77)
        #expect(ScriptEnd.report(model)?.contains("#general\thello\t(#general is DECLINED: 403 banned)") == true)
    }

    @Test func aMessageThatIsRefusedIsNotDelivered() {
        var model = self.script()
        for line in ["too long", "fine"] { _ = Update.apply(.line(line), to: &model, at: model.now) }
        self.apply(
            .refused(id: model.outbox.entries[0].id, reason: "413 too long", retryAfterMilliseconds: nil),
            &model
        )
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == nil, "the other one is on its way")
        self.apply(.delivered(id: model.outbox.entries[1].id), &model)
        #expect(end.exitCode(model, at: model.now) == 75)
        #expect(ScriptEnd.report(model)?.contains("too long\t(413 too long)") == true)
    }

    @Test func aSlowRoomIsWaitedForAndASilentServerIsNot() {
        var model = self.script()
        _ = Update.apply(.line("hello"), to: &model, at: model.now)
        let id = model.outbox.entries[0].id
        self.apply(.refused(id: id, reason: "429", retryAfterMilliseconds: 60_000), &model)
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now + 50_000) == nil)
        _ = Update.apply(.tick, to: &model, at: model.now + 60_000)
        #expect(end.exitCode(model, at: model.now) == nil)
        #expect(end.exitCode(model, at: model.now + 10_000) == 75)
        #expect(ScriptEnd.report(model)?.contains("may have arrived") == true)
    }

    @Test func whatAnEarlierRunLeftIsNotWaitedFor() {
        var model = self.script()
        model.outbox.add(id: "earlier-1", room: "general", text: "old", state: .held, at: model.now)
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == 0)
        #expect(ScriptEnd.report(model) == nil)
    }

    @Test func aLineThatIsNoCommandIsTold() {
        var model = self.script()
        _ = Update.apply(.line("/jion #x"), to: &model, at: model.now)
        var end = ScriptEnd(at: model.now)
        #expect(end.exitCode(model, at: model.now) == 64)
    }

    @Test func quittingEndsTheInputOfAScriptAndAsksNothing() {
        var model = self.script()
        _ = Update.apply(.line("hello"), to: &model, at: model.now)
        #expect(Update.apply(.line("/quit"), to: &model, at: model.now) == [.endInput])
        #expect(model.overlay == nil)
        _ = Update.apply(.line("behind it"), to: &model, at: model.now)
        #expect(model.outbox.entries.map(\.text) == ["hello"])
    }

    @Test func aPersonAtPlainLinesIsAskedOnce() {
        var model = Fixture.joined()
        var printer = PlainPrinter(isJSON: false)
        _ = Update.apply(.line("hello"), to: &model, at: model.now)
        _ = printer.lines(model)
        _ = Update.apply(.line("/quit"), to: &model, at: model.now)
        #expect(printer.lines(model) == ["NOTE 1 message is not sent; /quit again leaves"])
        for _ in 0..<30 {
            _ = Update.apply(.dismiss, to: &model, at: model.now)
            #expect(printer.lines(model).isEmpty)
        }
        _ = Update.apply(.line("/who"), to: &model, at: model.now)
        #expect(!Update.apply(.line("/quit"), to: &model, at: model.now).contains(.quit(code: 0)), "asked anew")
        #expect(Update.apply(.line("/quit"), to: &model, at: model.now).contains(.quit(code: 0)))
    }
}
