import PondTesting
import Testing

@testable import pond_tui

@Suite struct StoreTests {
    @Test func stateComesBackAsItWas() throws {
        var model = Fixture.stalled(80, 24)
        model.rooms[1].isMuted = true
        let bytes = SavedState(model).bytes
        let state = try #require(SavedState(bytes))
        var restored = Fixture.empty()
        restored.now = model.now
        state.restore(into: &restored)
        #expect(restored.rooms.map(\.name) == model.rooms.map(\.name))
        #expect(restored.currentName == "general")
        #expect(restored.editor.text == "on my way")
        #expect(restored.rooms[1].isMuted)
        #expect(restored.rooms.map(\.lastReadID) == model.rooms.map(\.lastReadID))
        #expect(restored.outbox.entries.map(\.id) == model.outbox.entries.map(\.id))
        #expect(restored.outbox.counts.queued == 2)
        #expect(restored.rooms[0].timeline.items.filter(\.isPending).count == 2)
    }

    @Test func whatWaitedLongIsHeld() throws {
        let state = try #require(SavedState(SavedState(Fixture.stalled(80, 24)).bytes))
        var later = Fixture.empty()
        later.now = Fixture.at(23, 0)
        state.restore(into: &later)
        #expect(later.outbox.counts.failed == 2)
        #expect(Renderer.render(later, later.size).lines.contains { $0.contains("<held #1, /retry 1 or /drop 1>") })
    }

    @Test func filesThatMakeNoSenseAreNoState() {
        #expect(SavedState(Array("{}".utf8)) == nil)
        #expect(SavedState(Array("nonsense".utf8)) == nil)
        #expect(SavedState([]) == nil)
    }

    @Test func settingsAndKeysAreReadAndWritten() {
        var settings = Settings()
        settings.theme = "mono"
        settings.highlights = ["pond", "swift"]
        settings.bell = false
        #expect(SettingsFile.settings(SettingsFile.text(settings)).settings == settings)
        let bad = SettingsFile.settings("# comment\ntheme = nope\nbell = off\nfrobs = 3\n")
        #expect(bad.problems.count == 2)
        #expect(bad.settings.bell == false)
        let keys = SettingsFile.keyMap("M-= = noop\nC-x C-a = room-next\nF99 = help\nM-a = fly\n")
        #expect(keys.keyMap.match([Key(.character("="), .alt)]) == .action(.noop))
        #expect(keys.keyMap.match([Key(.character("x"), .control)]) == .prefix)
        #expect(
            keys.keyMap.match([Key(.character("x"), .control), Key(.character("a"), .control)]) == .action(.roomNext)
        )
        #expect(keys.problems.count == 2)
    }

    @Test func aThemeOfOneRunIsNotKept() {
        var settings = Settings()
        settings.themeOfRun = "light"
        #expect(settings.shownTheme == Theme.named("light"))
        #expect(SettingsFile.text(settings) == SettingsFile.text(Settings()))
        #expect(settings.set("theme", to: "mono") == nil)
        #expect(settings.shownTheme == Theme.named("mono"), "a choice made with /set holds from then on")
    }

    @Test func keyNamesAreReadBack() {
        for action in Action.allCases {
            for name in KeyMap.standard.keys(for: action) {
                for part in name.split(separator: " ") { #expect(Key(String(part))?.name == String(part)) }
            }
        }
    }

    @Test func argumentsAreReadOrRefused() throws {
        let options = try CommandLineOptions([
            "--url=ws://x/y", "-n", "bob", "--room", "a,b", "--room", "c", "--plain", "-e", "/who",
        ])
        #expect(options.url == "ws://x/y" && options.nick == "bob" && options.rooms == ["a", "b", "c"])
        #expect(options.mode == .plain && options.commands == ["/who"])
        #expect(
            try CommandLineOptions(["ctl", "/tmp/x", "/join", "#y"]).task == .control(path: "/tmp/x", line: "/join #y")
        )
        for bad in [["--nick"], ["--what"], ["ctl", "x"], ["not a server"]] {
            #expect(throws: CommandLineOptions.Fault.self) { try CommandLineOptions(bad) }
        }
    }

    @Test func plainLinesHoldNothingATerminalActsUpon() {
        let hostile = "\u{1B}]52;c;aGk=\u{7}\u{202E}x\u{9B}31m\ry"
        for isJSON in [false, true] {
            var printer = PlainPrinter(isJSON: isJSON)
            var model = Fixture.joined()
            model = Fixture.model(
                [
                    .session(.message(room: "general", Fixture.message(hostile, hostile, at: Fixture.at(12, 1)))),
                    .session(.channel(room: hostile, .declined, reason: hostile)),
                    .session(.notice(room: nil, text: hostile)),
                ],
                from: model
            )
            let text = printer.lines(model).joined(separator: "\n")
            #expect(!text.isEmpty)
            #expect(
                text.unicodeScalars.allSatisfy {
                    ($0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0.value != 0x202E) || $0 == "\n"
                        || $0 == "\t"
                }
            )
            #expect(printer.lines(model).isEmpty, "nothing is told twice")
        }
    }

    @Test func plainLinesTellEachMessageOnceWhenConfirmed() {
        var printer = PlainPrinter(isJSON: false)
        var model = Fixture.joined()
        _ = printer.lines(model)
        model = Fixture.model([.line("hello")], from: model)
        #expect(printer.lines(model).isEmpty)
        let id = model.outbox.entries[0].id
        model = Fixture.model([.session(.delivered(id: id)), .session(.delivered(id: id))], from: model)
        #expect(printer.lines(model) == ["2025-11-18T12:00:00\t#general\talice\thello"])
    }

    @Test func twoRunsOfOneUserNeverWriteTheSameState() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var paths = StorePaths(url: "ws://chat", nick: "alice")
        paths.state = folder.file("a.json")
        paths.settings = folder.file("tui.conf")
        var first: Store? = Store(paths: paths)
        first?.save(Fixture.stalled(80, 24))
        let second = Store(paths: paths)
        #expect(first?.isCopy == false && second.isCopy)
        #expect(second.loadState() == nil)
        second.save(Fixture.joined())
        #expect(try #require(first?.loadState()) == SavedState(Fixture.stalled(80, 24)))
        #expect(second.loadState() == SavedState(Fixture.joined()))
        // What a run leaves, however it ended, is there for the next.
        first = nil
        #expect(Store(paths: paths).isCopy == false)
    }

    /// A store in a folder, and what a program that is killed leaves there.
    private func paths(in folder: TemporaryFolder) -> StorePaths {
        var paths = StorePaths(url: "ws://chat", nick: "alice")
        paths.state = folder.file("a.json")
        paths.settings = folder.file("tui.conf")
        return paths
    }

    /// Does what the main loop does in a turn with events.
    private func turn(_ events: [Event], _ model: inout Model, _ store: Store) {
        for event in events {
            for case .keep(let change) in Update.apply(event, to: &model, at: model.now) { store.keep(change) }
        }
        store.keepDraft(model)
        store.writeDown()
    }

    private func keys(_ text: String) -> [Event] { text.map { .key(Key(.character($0))) } }

    @Test func aKillLosesNeitherQueueNorDraft() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        for savesBetween in [false, true] {
            let killed = self.killedRun(paths, savesBetween: savesBetween)
            let store = Store(paths: paths)
            var restored = Fixture.empty()
            try #require(store.loadState()).restore(into: &restored)
            #expect(restored.outbox.entries.map(\.text) == ["2!", "three"], "saved between: \(savesBetween)")
            #expect(restored.outbox.entries.map(\.id) == killed.outbox.entries.map(\.id))
            #expect(restored.rooms.first { $0.name == "ops" }?.editor.text == "half a tho")
            #expect(restored.rooms.first { $0.name == "general" }?.editor.text == "")
            // What was saved takes the place of the journal.
            restored.outbox = Outbox()
            store.save(restored)
            #expect(PrivateFile.read(StorePaths.journal(ofState: paths.state), limit: 1 << 20) == [])
        }
    }

    @Test func aKillLosesNoTokenThatTheServerGave() {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        var model = Fixture.empty()
        do {
            let killed = Store(paths: paths)
            for token in ["first", "second"] {
                model.identity = SessionEvent.Identity(name: model.nick, token: token)
                killed.keepToken(model)
            }
            killed.writeDown()
        }
        #expect(Store(paths: paths).token(of: model.nick) == "second")
        #expect(Store(paths: paths).token(of: "somebody-else") == nil)
    }

    /// A run that writes, changes, drops and begins to write, and is killed: nothing is saved at its end.
    private func killedRun(_ paths: StorePaths, savesBetween: Bool) -> Model {
        let store = Store(paths: paths)
        var model = Fixture.empty()
        model.idSeed = "run-\(savesBetween)"
        self.turn([.line("/join #general")], &model, store)
        self.turn(self.keys("one") + [.key(Key(.enter))], &model, store)
        self.turn(self.keys("two") + [.key(Key(.enter))], &model, store)
        if savesBetween { store.save(model) }
        self.turn(self.keys("/edit 2!") + [.key(Key(.enter))], &model, store)
        self.turn([.line("/drop 1")], &model, store)
        self.turn([.line("/join #ops"), .line("three")], &model, store)
        self.turn(self.keys("half a tho"), &model, store)
        return model
    }

    @Test func aLineOfTheJournalThatIsHalfWrittenIsLeftOut() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        var model = Fixture.joined()
        func run() {
            let store = Store(paths: paths)
            store.save(model)
            for text in ["whole", "torn"] { self.turn([.line(text)], &model, store) }
        }
        run()
        let journal = StorePaths.journal(ofState: paths.state)
        let bytes = try #require(PrivateFile.read(journal, limit: 1 << 20))
        #expect(PrivateFile.write(Array(bytes.dropLast(20)), to: journal))
        var restored = Fixture.empty()
        try #require(Store(paths: paths).loadState()).restore(into: &restored)
        #expect(restored.outbox.entries.map(\.text) == ["whole"])
    }

    @Test func aPasswordIsNotWrittenIntoTheJournal() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let paths = self.paths(in: folder)
        let store = Store(paths: paths)
        var model = Fixture.joined()
        for key in self.keys("/identify correct-horse") { self.turn([key], &model, store) }
        let bytes = PrivateFile.read(StorePaths.journal(ofState: paths.state), limit: 1 << 20) ?? []
        #expect(!String(decoding: bytes, as: UTF8.self).contains("corr"))
    }

    @Test func aFurtherRunUsesThePasswordOfTheFirst() {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var paths = StorePaths(url: "ws://chat", nick: "alice")
        paths.state = folder.file("a.json")
        paths.settings = folder.file("tui.conf")
        var model = Fixture.joined()
        model.identity = SessionEvent.Identity(name: "alice", isClaimed: true, token: "secret")
        let first = Store(paths: paths)
        first.save(model)
        #expect(Store(paths: paths).token(of: "alice") == "secret")
        #expect(Store(paths: paths).token(of: "mallory") == nil)
    }
}
