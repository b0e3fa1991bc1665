import Testing

@testable import pond_tui

/// A server that does not answer is shown as that, from a second on.
@Suite struct SilenceTests {
    private func sending(_ columns: Int = 80, _ rows: Int = 24) -> Model {
        var model = Fixture.joined(columns, rows)
        _ = Update.apply(.session(.lag(milliseconds: 0)), to: &model, at: model.now)
        _ = Update.apply(.line("hello"), to: &model, at: model.now)
        return model
    }

    private func header(_ model: Model, after milliseconds: Int64) -> String {
        var model = model
        _ = Update.apply(.tick, to: &model, at: model.now + milliseconds)
        return Renderer.render(model, model.size).lines[0]
    }

    @Test func anUnansweredMessageIsToldAtOnceAndCounted() {
        let model = self.sending()
        #expect(self.header(model, after: 0).contains("lag <1 ms"))
        for seconds in [1, 2, 9, 26, 59] {
            let header = self.header(model, after: Int64(seconds) * 1_000)
            #expect(header.contains("no answer for \(seconds)s"), "\(header)")
            #expect(!header.contains("lag"), "what was measured before means nothing: \(header)")
        }
    }

    @Test func theScreenChangesByItselfEachSecondUntilTheAnswer() {
        var model = self.sending()
        for _ in 0..<40 {
            guard let tick = model.nextTick else {
                Issue.record("nothing wakes the program")
                return
            }
            #expect(tick - model.now <= 2_000)
            _ = Update.apply(.tick, to: &model, at: tick)
        }
        #expect(model.silence != nil)
        let id = model.outbox.entries[0].id
        _ = Update.apply(.session(.delivered(id: id)), to: &model, at: model.now)
        #expect(model.silence == nil)
        #expect(Renderer.render(model, model.size).lines[0].contains("lag <1 ms"))
        #expect(model.nextTick == nil || model.nextTick.map { $0 - model.now > 1_000 } == true)
    }

    @Test(arguments: [
        (20, 5, "no answer 3s"), (40, 10, "no answer for 3s"), (80, 24, "no answer for 3s"),
        (140, 40, "no answer for 3s"),
    ])
    func everySizeSaysIt(_ screen: (Int, Int, String)) {
        let header = self.header(self.sending(screen.0, screen.1), after: 3_000)
        #expect(header.contains(screen.2), "\(header)")
    }

    @Test func allBeingWellIsNotTheColourOfSilence() {
        var model = self.sending()
        let column = Renderer.render(model, model.size).lines[0].distance(of: "[CONNECTED]")
        let before = Renderer.render(model, model.size)[column, 0].style
        _ = Update.apply(.tick, to: &model, at: model.now + 1_500)
        #expect(Renderer.render(model, model.size)[column, 0].style != before)
        #expect(before == model.theme[.good])
    }

    @Test func aRequestWithoutAnAnswerIsSilenceToo() {
        var model = Fixture.joined()
        _ = Update.apply(.session(.awaiting(true)), to: &model, at: model.now)
        #expect(self.header(model, after: 4_000).contains("no answer for 4s"))
        var answered = model
        _ = Update.apply(.session(.awaiting(false)), to: &answered, at: model.now + 5_000)
        #expect(answered.silence == nil)
        // What another connection owed is asked for anew.
        _ = Update.apply(.session(.connection(.init(state: .disconnected))), to: &model, at: model.now + 5_000)
        #expect(model.silence == nil)
    }

    @Test func aChatWithoutAServerClaimsNoConnection() {
        var model = Fixture.joined(140, 40)
        model.isLocal = true
        model.url = "no server"
        let header = Renderer.render(model, model.size).lines[0]
        #expect(header.contains("[LOCAL]"))
        #expect(!header.contains("CONNECTED"))
    }
}

extension String {
    /// The column of a text in a row of the screen.
    func distance(of text: String) -> Int {
        self.firstRange(of: text).map { self.distance(from: self.startIndex, to: $0.lowerBound) } ?? -1
    }
}
