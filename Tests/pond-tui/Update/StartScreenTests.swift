import Foundation
import PondTesting
import Testing

@testable import pond_tui

@Suite struct StartScreenTests {
    private static let recent = [
        StartScreen.RecentServer(url: "ws://chat:4000/socket", nick: "alice", time: Fixture.at(9, 30)),
        StartScreen.RecentServer(url: "wss://pond.example/socket", nick: "al", time: Fixture.at(9, 30, day: 17)),
    ]

    private func model(_ start: StartScreen, _ columns: Int = 80, _ rows: Int = 24) -> Model {
        var model = Model(
            size: Size(columns: columns, rows: rows),
            nick: "",
            url: "",
            now: Fixture.noon,
            idSeed: "start"
        )
        model.overlay = .start(start)
        return model
    }

    /// What the keys come to; text is typed, names of keys stand in brackets.
    private func decisions(_ keys: String..., from model: inout Model) -> [StartDecision] {
        var decisions: [StartDecision] = []
        for word in keys {
            let named = word.count > 1 ? Key(word) : nil
            let pressed = named.map { [$0] } ?? word.map { Key(.character($0)) }
            for key in pressed {
                for case .start(let decision) in Update.apply(.key(key), to: &model, at: model.now) {
                    decisions.append(decision)
                }
            }
        }
        return decisions
    }

    @Test func aRecentServerIsOneKeyAway() {
        var model = self.model(StartScreen(recent: Self.recent, ownName: "alice"))
        #expect(self.decisions("Enter", from: &model) == [.connect(url: "ws://chat:4000/socket", nick: "alice")])
        var other = self.model(StartScreen(recent: Self.recent, ownName: "alice"))
        #expect(
            self.decisions("Down", "Enter", from: &other) == [.connect(url: "wss://pond.example/socket", nick: "al")]
        )
    }

    @Test func anAddressIsTypedAtOnceAndANameIsAsked() {
        var model = self.model(StartScreen(recent: Self.recent, ownName: ""))
        #expect(self.decisions("pond.example:99999", "Enter", from: &model).isEmpty)
        #expect(model.hint?.contains("no server pond.example:99999") == true)
        #expect(self.decisions("Backspace", "Enter", "Enter", from: &model).isEmpty)
        #expect(model.hint == "a name, please")
        #expect(self.decisions("a b", "Enter", from: &model).isEmpty, "no name has a space")
        #expect(
            self.decisions("C-u", "carol", "Enter", from: &model)
                == [.connect(url: "ws://pond.example:9999/socket", nick: "carol")]
        )
    }

    @Test func hostingAndTheDemonstrationAreThere() {
        var model = self.model(StartScreen(recent: [], ownName: "alice"))
        #expect(self.decisions("Down", "Enter", "Enter", from: &model) == [.host(nick: "alice")])
        var demo = self.model(StartScreen(recent: [], ownName: "alice"))
        #expect(self.decisions("Up", "Enter", from: &demo) == [.demo])
        var quit = self.model(StartScreen(recent: [], ownName: "alice"))
        #expect(self.decisions("Down", "Enter", "Esc", from: &quit).isEmpty)
        #expect(self.decisions("Esc", from: &quit) == [.quit])
    }

    @Test func onlyTheNameIsAskedWhereTheServerIsKnown() {
        let start = StartScreen(recent: Self.recent, ownName: "", address: "wss://pond.example/socket")
        var model = self.model(start)
        let lines = Renderer.render(model, model.size).lines.joined(separator: "\n")
        #expect(lines.contains("YOUR NAME") && lines.contains("pond.example") && !lines.contains("WHERE TO"))
        #expect(self.decisions("root", "Enter", from: &model).isEmpty)
        #expect(
            self.decisions("C-u", "bob", "Enter", from: &model) == [
                .connect(url: "wss://pond.example/socket", nick: "bob")
            ]
        )
    }

    @Test(arguments: [(80, 24), (40, 10)]) func screenIsAsKept(_ size: (Int, Int)) throws {
        let model = self.model(StartScreen(recent: Self.recent, ownName: "alice"), size.0, size.1)
        try GoldenText.check(Renderer.render(model, model.size), "start-\(size.0)x\(size.1)")
    }

    @Test func everySizeIsDrawnWithTheCursorInside() {
        for rows in [0, 1, 2, 5, 8, 30] {
            for columns in [0, 1, 5, 20, 55, 56, 200] {
                for name in [nil, "a name"] {
                    var start = StartScreen(recent: Self.recent, ownName: "x")
                    start.selected = 2
                    start.address = String(repeating: "x", count: 250)
                    start.name = name
                    let model = self.model(start, columns, rows)
                    let grid = Renderer.render(model, model.size)
                    #expect(grid.cells.count == columns * rows)
                    if let cursor = grid.cursor, rows > 0, columns > 0 {
                        #expect(grid.bounds.contains(column: cursor.column, row: cursor.row))
                    }
                }
            }
        }
    }

    @Test func recentServersAreFoundByTheStatesThatWereKept() throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var model = Fixture.joined()
        model.url = "wss://pond.example/socket"
        #expect(PrivateFile.write(SavedState(model).bytes, to: folder.file("alice@pond.example.json")))
        #expect(PrivateFile.write(Array(#"{"version":1}"#.utf8), to: folder.file("bob@chat:4000.json")))
        for name in ["x@y.journal", "alice@pond.example~2.json", "tui.json"] {
            #expect(PrivateFile.write(Array("{}".utf8), to: folder.file(name)))
        }
        #expect(PrivateFile.write(Array("nonsense".utf8), to: folder.file("c@d.json")))
        let path = URL(filePath: folder.file("x")).deletingLastPathComponent().path()
        let found = Set(RecentServers.list(in: path).map { "\($0.nick) \($0.url)" })
        #expect(found == ["alice wss://pond.example/socket", "bob ws://chat:4000/socket"])
        #expect(RecentServers.list(in: folder.file("nowhere")).isEmpty)
    }

    @Test func whoComesWithoutARoomSeesWhichThereAre() {
        func arrive(_ rooms: [String]) -> (Model, [Effect]) {
            var model = Fixture.empty()
            model.wantsRoomList = true
            _ = Update.apply(.session(.connection(.init(state: .connected, attempt: 1))), to: &model, at: model.now)
            let listed = rooms.map { ListedRoom(name: $0, topic: "about \($0)", members: $0.count) }
            let effects = Update.apply(
                .session(.directory(listed, gone: [], isWhole: true)),
                to: &model,
                at: model.now
            )
            return (model, effects)
        }
        let (many, _) = arrive(["dev", "lobby"])
        let lines = Renderer.render(many, many.size).lines.joined(separator: "\n")
        #expect(many.rooms.isEmpty && lines.contains("#lobby") && lines.contains("about dev"))
        let (one, effects) = arrive(["pond"])
        #expect(one.rooms.map(\.name) == ["pond"] && effects.contains(.session(.join(room: "pond"))))
        let (none, _) = arrive([])
        #expect(none.rooms.map(\.name) == ["lobby"])
        // A server that has no list is not waited for.
        var silent = Fixture.empty()
        silent.wantsRoomList = true
        _ = Update.apply(.session(.connection(.init(state: .connected, attempt: 1))), to: &silent, at: silent.now)
        let due = silent.nextTick ?? silent.now
        _ = Update.apply(.tick, to: &silent, at: due)
        _ = Update.apply(.tick, to: &silent, at: due + 2_000)
        #expect(silent.rooms.map(\.name) == ["lobby"])
    }

    @Test func aTakenNameIsAskedForAnewAtTheStartOnly() {
        let refused = SessionEvent.connection(
            .init(state: .disconnected, attempt: 1, reason: "the name alice is taken", refusal: 409)
        )
        var model = Fixture.empty()
        _ = Update.apply(.session(refused), to: &model, at: model.now)
        #expect(model.overlay == .name("alice-2"))
        let effects = ["Backspace", "3", "Enter"].flatMap { name in
            Key(name).map { Update.apply(.key($0), to: &model, at: model.now) } ?? []
        }
        #expect(effects.contains(.session(.nick("alice-3"))) && model.overlay == nil)
        var later = Fixture.joined()
        _ = Update.apply(.session(refused), to: &later, at: later.now)
        #expect(later.overlay == nil)
    }

    @Test func aCommandLineThatNamesNoServerSaysSo() throws {
        #expect(try CommandLineOptions([]).hasServer == false)
        #expect(try CommandLineOptions(["--url", "a"]).hasServer)
        #expect(try CommandLineOptions(["host:1"]).hasServer)
        #expect(try CommandLineOptions(["--url", "a", "--url", "b:2"]).url == "ws://b:2/socket")
    }
}
