import Foundation
import PondTesting
import Testing

@testable import pond_tui

@Suite struct KeptScreensTests {
    private func paths(in folder: TemporaryFolder) -> StorePaths {
        var paths = StorePaths(url: "ws://chat", nick: "alice")
        paths.state = folder.file("a.json")
        paths.settings = folder.file("tui.conf")
        return paths
    }

    private func chatted() -> Model {
        var model = Fixture.joined()
        for (id, text) in [("m1", "first"), ("m2", "second")] {
            let message = Fixture.message("bob", text, at: model.now, id: id)
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
        }
        _ = Update.apply(.session(.topic(room: "general", text: "ponds", by: nil)), to: &model, at: model.now)
        return model
    }

    /// A start without a network, after a run that ended.
    private func started(_ paths: StorePaths) throws -> Model {
        let store = Store(paths: paths)
        var model = Fixture.empty()
        model.now = Fixture.noon + 60_000
        model.settings = store.loadSettings().settings
        try #require(store.loadState()).restore(into: &model)
        store.restoreScreens(into: &model)
        return model
    }

    private func run(_ model: Model, _ paths: StorePaths) {
        let store = Store(paths: paths)
        _ = store.loadSettings()
        store.keepsScreens = true
        store.save(model)
    }

    private func texts(_ model: Model) -> [String] { model.rooms[0].timeline.items.compactMap { $0.message?.text } }

    @Test func aStartWithoutANetworkShowsTheLastMessagesAsOld() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        self.run(self.chatted(), paths)
        let model = try self.started(paths)
        #expect(self.texts(model) == ["first", "second"])
        #expect(model.rooms[0].topic == "ponds")
        #expect(model.rooms[0].timeline.items.allSatisfy { $0.isOld })
        #expect(model.rooms[0].timeline.newestMessage == nil, "old messages are not read again")
        let lines = Renderer.render(model, model.size).lines
        #expect(lines.contains { $0.contains("second") })
        #expect(lines.contains { $0.contains("kept from Tue 18 Nov 12:00, not live") })
    }

    @Test func theFileIsForItsOwnerOnlyAndGoesWithTheSetting() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        let file = StorePaths.screens(ofState: paths.state)
        var model = self.chatted()
        self.run(model, paths)
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        _ = Update.apply(.line("/set screens off"), to: &model, at: model.now)
        self.run(model, paths)
        #expect(PrivateFile.read(file, limit: 1 << 20) == nil)
    }

    @Test func whatWasChangedOrRemovedMeanwhileDoesNotComeBack() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        self.run(self.chatted(), paths)
        var model = try self.started(paths)
        _ = Update.apply(.line("unsent"), to: &model, at: model.now)
        let page = [Fixture.message("bob", "second, edited", at: Fixture.noon, id: "m2")]
        _ = Update.apply(.session(.history(room: "general", page, isComplete: true)), to: &model, at: model.now)
        #expect(self.texts(model) == ["second, edited", "unsent"])
        #expect(model.rooms[0].timeline.oldSince == nil)
    }

    @Test func unsentMessagesStandAfterTheOldOnes() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        var model = self.chatted()
        _ = Update.apply(.session(.channel(room: "general", .stalled, reason: nil)), to: &model, at: model.now)
        _ = Update.apply(.line("unsent"), to: &model, at: model.now)
        self.run(model, paths)
        let next = try self.started(paths)
        #expect(self.texts(next) == ["first", "second", "unsent"])
        #expect(next.rooms[0].timeline.items.last?.isOld == false)
        // A second start without a network keeps what the first one had, with its time.
        self.run(next, paths)
        let third = try self.started(paths)
        #expect(self.texts(third) == ["first", "second", "unsent"])
        #expect(third.rooms[0].timeline.oldSince == next.rooms[0].timeline.oldSince)
    }

    @Test func theFileIsBounded() {
        var model = Fixture.joined()
        for number in 0..<500 {
            let text = String(repeating: "x", count: number < 450 ? 16_000 : 10)
            let message = Fixture.message("bob", text, at: model.now + Int64(number), id: "m\(number)")
            _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now + Int64(number))
        }
        #expect(KeptScreens.bytes(of: model).count < 80 * 1024)
        var next = Fixture.joined()
        KeptScreens.restore(KeptScreens.bytes(of: model), into: &next)
        #expect((50...60).contains(next.rooms[0].timeline.items.count))
    }

    @Test func aFileThatMakesNoSenseIsLeftOut() {
        for text in [
            "", "{", "[]", #"{"version":2}"#, #"{"version":1,"rooms":7}"#,
            #"{"version":1,"rooms":[{"name":"general","asOf":1e99,"messages":[{}]}]}"#,
            #"{"version":1,"rooms":[{"name":"general","asOf":9223372036854775807,"messages":[{"id":"a","by":"b","text":"\u001b[2J","at":-9223372036854775808}]}]}"#,
        ] {
            var model = Fixture.joined()
            KeptScreens.restore(Array(text.utf8), into: &model)
            let lines = Renderer.render(model, model.size).lines
            #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
        }
    }
}
