import Testing

@testable import pond_tui

@Suite struct PresenceFilterTests {
    private static func lines(_ model: Model) -> [String] { Renderer.render(model, model.size).lines }

    /// `bob` and `carol` come, `bob` speaks, both go.
    private static var model: Model {
        var model = Fixture.joined()
        func apply(_ event: SessionEvent, _ minute: Int) {
            _ = Update.apply(.session(event), to: &model, at: Fixture.at(12, minute))
        }
        apply(.personLeft(room: "general", name: "bob"), 1)
        apply(.personJoined(room: "general", Person(name: "bob")), 2)
        apply(.personJoined(room: "general", Person(name: "carol")), 3)
        apply(.message(room: "general", Fixture.message("bob", "hello", at: Fixture.at(12, 10))), 10)
        apply(.personLeft(room: "general", name: "bob"), 15)
        apply(.personLeft(room: "general", name: "carol"), 16)
        return model
    }

    @Test func theKeyGoesThroughAllWaysAndSaysWhich() {
        var model = Self.model
        func press() -> String {
            _ = Update.apply(.key(Key(.character("="), .alt)), to: &model, at: model.now)
            return Self.lines(model).joined(separator: "\n")
        }
        #expect(Self.lines(model).contains { $0.contains("2 joined, 1 left (12:01-12:03)") })
        let smart = press()
        #expect(smart.contains("shown of those who talk"))
        #expect(smart.contains("-- 12:15 bob left") && !smart.contains("carol left"))
        let all = press()
        #expect(all.contains("carol joined") && all.contains("bob joined") && all.contains("carol left"))
        #expect(press().contains("are folded"))
    }

    @Test func theCommandTakesAWord() {
        var model = Self.model
        _ = Update.apply(.line("/filter smart"), to: &model, at: model.now)
        #expect(model.settings.presence == .smart)
        _ = Update.apply(.line("/filter off"), to: &model, at: model.now)
        #expect(model.settings.presence == .all)
        _ = Update.apply(.line("/filter nonsense"), to: &model, at: model.now)
        #expect(model.settings.presence == .all && model.hint == "fold is on, smart or off")
    }

    @Test(arguments: PresenceFilter.allCases) func theMarkerAndTheDayStandThoughWhatIsNextToThemIsHidden(
        _ filter: PresenceFilter
    ) {
        var model = Fixture.joined()
        model.settings.presence = filter
        func apply(_ event: SessionEvent, _ hour: Int, day: Int) {
            _ = Update.apply(.session(event), to: &model, at: Fixture.at(hour, 0, day: day))
        }
        apply(.message(room: "general", Fixture.message("bob", "before", at: Fixture.at(12, 0))), 12, day: 18)
        apply(.personJoined(room: "general", Person(name: "silent")), 18, day: 18)
        _ = Update.apply(.focus(false), to: &model, at: Fixture.at(19, 0))
        apply(.personJoined(room: "general", Person(name: "mute")), 9, day: 19)
        apply(.message(room: "general", Fixture.message("bob", "after", at: Fixture.at(10, 0, day: 19))), 10, day: 19)
        let lines = Self.lines(model)
        #expect(lines.contains { $0.contains("1 new since") }, "\(filter)")
        #expect(lines.contains { $0.contains("Tue 18 Nov") } && lines.contains { $0.contains("Wed 19 Nov") })
    }

    @Test func theMarkerStandsThoughTheFirstNewMessageIsOfSomebodyIgnored() {
        var model = Fixture.joined()
        _ = Update.apply(.line("/ignore Mallory"), to: &model, at: model.now)
        for (author, text) in [("bob", "before"), ("mallory", "hidden"), ("bob", "after")] {
            if author == "mallory" { _ = Update.apply(.focus(false), to: &model, at: model.now) }
            let message = Fixture.message(author, text, at: model.now)
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
        }
        let lines = Self.lines(model)
        #expect(!lines.contains { $0.contains("hidden") })
        #expect(lines.contains { $0.contains("new since") })
    }
}
