import Testing

@testable import pond_tui

@Suite struct DemoTests {
    /// A demonstration whose events are applied to a model, without any screen.
    private final class Watcher: Sendable {
        let queue = EventQueue()
        let session: DemoSession

        init(_ script: [DemoStep]) throws {
            let queue = self.queue
            self.session = try DemoSession(
                nick: "alice",
                script: script,
                speed: 100,
                now: { Fixture.noon },
                post: { queue.post($0) }
            )
        }

        /// Applies events until something holds; the wait ends the test when it never does.
        func wait(_ what: String, _ model: inout Model, until holds: (Model) -> Bool) {
            for _ in 0..<2_000 {
                if holds(model) { return }
                self.queue.wait(milliseconds: 5)
                for event in self.queue.take() {
                    for case .session(let request) in Update.apply(event, to: &model, at: model.now + 1) {
                        self.session.perform(request)
                    }
                }
            }
            Issue.record("never: \(what)")
        }
    }

    @Test func theTourRunsToItsEndAndLosesNothing() throws {
        let watcher = try Watcher(DemoStep.tour)
        var model = Fixture.empty()
        for effect in Update.apply(.line("/join #lobby"), to: &model, at: model.now) {
            if case .session(let request) = effect { watcher.session.perform(request) }
        }
        watcher.session.perform(.connect(url: nil))
        watcher.session.start()
        watcher.wait("the last caption", &model) { $0.caption?.text.hasPrefix("9/9") == true }
        watcher.wait("everything is delivered", &model) {
            $0.outbox.entries.isEmpty && $0.connection.state == .connected
        }
        let texts = model.rooms[0].timeline.items.compactMap { $0.message?.text }
        for text in ["yes, 5 min", "meet at the lift", "tagged v1.4.0", "alice: tag it as 1.4.0?"] {
            #expect(texts.count { $0 == text } == 1, "\(text)")
        }
        #expect(model.stateLog.contains { $0.room == "lobby" && $0.state == "STALLED" })
        #expect(model.index(of: "dev") != nil)
        watcher.session.close()
    }

    @Test func itPausesStepsAndShowsWhatWasSaidBefore() throws {
        let script = (1...3).map { DemoStep(600, .caption(DemoCaption(text: "caption \($0)"))) }
        let watcher = try Watcher(script)
        var model = Fixture.joined()
        watcher.session.start()
        watcher.session.perform(.demo(.next))
        watcher.wait("the first", &model) { $0.caption?.text == "caption 1" }
        let keys: [(Character, String, Bool)] = [
            ("n", "caption 2", false), (" ", "caption 2", true), ("p", "caption 1", true), ("n", "caption 2", true),
            ("n", "caption 3", true), (" ", "caption 3", false),
        ]
        for (key, text, isPaused) in keys {
            for case .session(let request) in Update.apply(.key(Key(.character(key))), to: &model, at: model.now) {
                watcher.session.perform(request)
            }
            watcher.wait("\(key): \(text)", &model) { $0.caption?.text == text && $0.caption?.isPaused == isPaused }
        }
        #expect(model.editor.isEmpty)
        let effects = Update.apply(.key(Key(.character("q"))), to: &model, at: model.now)
        #expect(effects.contains(.quit(code: 0)))
        watcher.session.close()
    }

    @Test func captionsStandBesideWhatTheySpeakOfAndLettersAreWrittenOtherwise() {
        for size in [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 140, rows: 40)] {
            for place in [DemoCaption.Place.header, .rooms, .people, .messages, .prompt] {
                var model = Fixture.joined(size.columns, size.rows)
                model.caption = DemoCaption(text: "look here \(String(repeating: "and here ", count: 6))", place: place)
                let grid = Renderer.render(model, size)
                #expect(grid.lines.contains { $0.contains("look here") }, "\(size) \(place)")
                #expect(grid.lines.contains { $0.contains("space") }, "\(size) \(place)")
            }
        }
        var model = Fixture.joined()
        model.caption = DemoCaption(text: "x")
        for character in "hn q" { _ = Update.apply(.key(Key(.character(character))), to: &model, at: model.now) }
        #expect(model.editor.text == "hn q", "what is being written is not taken for the demonstration")
    }
}
