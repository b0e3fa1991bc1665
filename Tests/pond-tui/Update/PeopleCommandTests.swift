import Testing

@testable import pond_tui

/// Names, order, and what the server knows of rooms and people.
@Suite struct PeopleCommandTests {
    private func requests(_ line: String, _ model: inout Model) -> [SessionRequest] {
        Update.apply(.line(line), to: &model, at: model.now).compactMap {
            if case .session(let request) = $0 { request } else { nil }
        }
    }

    private func press(_ keys: String, _ model: inout Model) {
        for name in keys.split(separator: " ") {
            if let key = Key(String(name)) { _ = Update.apply(.key(key), to: &model, at: model.now) }
        }
    }

    private func type(_ text: String, _ model: inout Model) {
        for character in text { _ = Update.apply(.key(Key(.character(character))), to: &model, at: model.now) }
    }

    @Test func ordersSayWhomHowLongAndWhy() {
        let cases: [(String, ModerationOrder)] = [
            ("/kick bob", .init(action: .kick, nick: "bob")),
            ("/kick @bob too loud", .init(action: .kick, nick: "bob", reason: "too loud")),
            ("/ban bob 2h spam", .init(action: .ban, nick: "bob", seconds: 7_200, reason: "spam")),
            ("/ban -g bob", .init(action: .ban, nick: "bob", isEverywhere: true)),
            ("/unban bob", .init(action: .unban, nick: "bob")),
            ("/mute bob 10m", .init(action: .mute, nick: "bob", seconds: 600)),
            ("/unmute bob", .init(action: .unmute, nick: "bob")),
            ("/slow 10", .init(action: .slow, seconds: 10)), ("/slow 1m", .init(action: .slow, seconds: 60)),
            ("/slow off", .init(action: .slow, seconds: 0)),
            ("/role bob moderator", .init(action: .role, nick: "bob", role: "moderator")),
        ]
        for (line, order) in cases {
            var model = Fixture.joined()
            #expect(self.requests(line, &model) == [.moderate(room: "general", order)], "\(line)")
        }
        for line in ["/slow often", "/role bob king", "/kick -g"] {
            var model = Fixture.joined()
            #expect(self.requests(line, &model).isEmpty, "\(line)")
            #expect(model.hint != nil, "\(line)")
        }
    }

    @Test func mutingARoomIsNoOrder() {
        var model = Fixture.joined()
        for line in ["/mute", "/mute #general", "/mute 1"] {
            #expect(self.requests(line, &model).isEmpty)
        }
        #expect(model.rooms[0].isMuted)
    }

    @Test func removingTakesTheOwnLastTheNthLastOrSomebodysMessage() {
        for (line, id, reason) in [
            ("/remove", "mine", nil), ("/remove 1", "his", nil), ("/remove 2 wrong room", "mine", "wrong room"),
            ("/remove bob", "his", nil),
        ] as [(String, String, String?)] {
            var model = Fixture.joined()
            for (author, id, minute) in [("alice", "mine", 1), ("bob", "his", 2)] {
                let message = Fixture.message(author, "text", at: Fixture.at(12, minute), id: id)
                _ = Update.apply(.session(.message(room: "general", message)), to: &model, at: model.now)
            }
            let sent = self.requests(line, &model).compactMap { request in
                if case .send(let message) = request { message.purpose } else { nil }
            }
            #expect(sent == [.removal(of: id, reason: reason)], "\(line)")
            _ = Update.apply(.session(.removed(room: "general", id: id, by: "alice")), to: &model, at: model.now)
            let words = id == "mine" ? "[removed]" : "[removed by alice]"
            #expect(model.rooms[0].timeline.message(id)?.text == words)
        }
    }

    @Test func aPasswordIsNeitherShownNorRememberedNorSaved() {
        for command in ["/identify", "/claim", "/ident"] {
            var model = Fixture.joined()
            self.type("\(command) correct-horse", &model)
            let screen = Renderer.render(model, model.size).lines.joined()
            #expect(!screen.contains("correct") && screen.contains("\(command) *************"))
            #expect(!String(decoding: SavedState(model).bytes, as: UTF8.self).contains("correct"))
            self.press("Enter", &model)
            #expect(model.rooms[0].inputHistory.lines.isEmpty)
            #expect(!String(decoding: SavedState(model).bytes, as: UTF8.self).contains("correct"))
        }
    }

    @Test func aNameWithAPasswordSaysHowToProveIt() {
        var model = Fixture.joined()
        _ = Update.apply(
            .session(.identity(.init(name: "alice", isClaimed: true, needsPassword: true))),
            to: &model,
            at: model.now
        )
        #expect(model.hint?.contains("/identify PASSWORD") == true)
        #expect(self.requests("/identify secret123", &model) == [.identify(password: "secret123")])
        _ = Update.apply(
            .session(.identity(.init(name: "alice", isClaimed: true, token: "t1"))),
            to: &model,
            at: model.now
        )
        #expect(model.hint == "alice is yours")
        let saved = SavedState(model)
        #expect(saved.token(of: "alice") == "t1")
        #expect(saved.token(of: "bob") == nil, "a token is for one name")
        model.keepsToken = false
        #expect(SavedState(model).token(of: "alice") == nil)
    }

    @Test func aServerThatLetsNobodyInSaysWhyUntilItDoes() {
        var model = Fixture.empty()
        _ = Update.apply(.line("/join #general"), to: &model, at: model.now)
        let refused = SessionEvent.ConnectionChange(
            state: .disconnected,
            attempt: 1,
            retryAfterMilliseconds: 1_000,
            reason: "the name alice is taken (409)",
            refusal: 409
        )
        _ = Update.apply(.session(.connection(refused)), to: &model, at: model.now)
        #expect(model.hint == "the name alice is taken; /nick alice-2, or F5 to try again")
        let told = Renderer.render(model, model.size).lines.joined(separator: "\n")
        #expect(told.ranges(of: "alice is taken").count == 1, "\(told)")
        self.press("Esc", &model)
        #expect(
            Renderer.render(model, model.size).lines.count { $0.contains("not let in: the name alice is taken") } == 1
        )
        _ = Update.apply(.session(.connection(.init(state: .connected, attempt: 2))), to: &model, at: model.now)
        #expect(!Renderer.render(model, model.size).lines.contains { $0.contains("not let in") })
    }

    @Test func roomsOfTheServerAreListedFoundAndCompleted() {
        var model = Fixture.joined()
        let rooms = [("ops", 3), ("operators", 9), ("general", 2), ("zoo", 0)].map {
            ListedRoom(name: $0.0, topic: "about \($0.0)", members: $0.1)
        }
        _ = Update.apply(.session(.directory(rooms, gone: [], isWhole: true)), to: &model, at: model.now)
        _ = Update.apply(
            .session(.directory([ListedRoom(name: "new", topic: "", members: 1)], gone: ["zoo"], isWhole: false)),
            to: &model,
            at: model.now
        )
        _ = self.requests("/rooms", &model)
        let lines = Renderer.render(model, model.size).lines
        #expect(lines.contains { $0.contains("#general") && $0.contains("JOINED") })
        #expect(lines.contains { $0.contains("#operators") && $0.contains("9 here") && $0.contains("about operators") })
        #expect(!lines.contains { $0.contains("#zoo") })
        self.press("Esc", &model)
        self.type("/join o", &model)
        self.press("Tab", &model)
        #expect(model.editor.text == "/join #operators ")
        self.press("Tab", &model)
        #expect(model.editor.text == "/join #ops ")
        model.editor.clear()
        self.press("F2", &model)
        self.type("new", &model)
        self.press("Enter", &model)
        #expect(model.currentName == "new")
    }

    @Test func whatACommandTakesIsCompleted() {
        for (typed, completed) in [
            ("/msg b", "/msg bob "), ("/set fo", "/set fold "), ("/theme li", "/theme light "), ("/log o", "/log on "),
            ("/role bob mod", "/role bob moderator "), ("/ban -g b", "/ban -g bob "), ("/leave g", "/leave #general "),
            ("/help rej", "/help rejoin "), ("/retry a", "/retry all "), ("hi b", "hi bob "), ("//msg b", "//msg bob "),
        ] {
            var model = Fixture.joined()
            self.type(typed, &model)
            self.press("Tab", &model)
            #expect(model.editor.text == completed, "\(typed)")
        }
    }

    @Test func connectingNowIsNotSaidForLongerThanItIsTrue() {
        var model = Fixture.joined()
        _ = Update.apply(
            .session(.connection(.init(state: .disconnected, attempt: 2, retryAfterMilliseconds: 9_000))),
            to: &model,
            at: model.now
        )
        self.press("F5", &model)
        #expect(model.hint == "connecting now")
        _ = Update.apply(.session(.connection(.init(state: .connecting, attempt: 2))), to: &model, at: model.now)
        #expect(model.hint == "connecting now")
        _ = Update.apply(.session(.connection(.init(state: .connected, attempt: 2))), to: &model, at: model.now)
        #expect(model.hint == nil)
    }

    @Test func theTitleTellsWhatWaits() {
        var model = Fixture.joined()
        #expect(Renderer.title(model) == "#general")
        _ = Update.apply(.session(.channel(room: "ops", .joined, reason: nil)), to: &model, at: model.now)
        let message = Fixture.message("bob", "alice: look", at: Fixture.at(12, 1))
        _ = Update.apply(.session(.message(room: "ops", message)), to: &model, at: model.now)
        #expect(Renderer.title(model) == "(@1) #general")
        _ = Update.apply(.session(.connection(.init(state: .disconnected))), to: &model, at: model.now)
        #expect(Renderer.title(model) == "(@1) #general DISCONNECTED")
    }

    @Test func helpNamesEveryCommandAndEveryKey() {
        let terms = Help.lines(filter: "", keyMap: .standard).map(\.term).joined(separator: "\n") + "\n"
        for command in Command.allCases { #expect(terms.contains("/\(command.rawValue) "), "/\(command.rawValue)") }
        for action in Action.allCases where action != .noop {
            let keys = KeyMap.standard.keys(for: action).joined(separator: ", ")
            #expect(terms.contains("\(keys)\n"), "\(action.rawValue)")
        }
        #expect(Help.lines(filter: "reconnect", keyMap: .standard).contains { $0.term.contains("F5") })
    }
}
