import PondTesting
import Testing

@testable import pond_tui

@Suite struct UpdateTests {
    private func press(_ keys: String, _ model: inout Model, at now: WallTime? = nil) -> [Effect] {
        var effects: [Effect] = []
        for name in keys.split(separator: " ") {
            guard let key = Key(String(name)) else {
                Issue.record("no key \(name)")
                continue
            }
            effects += Update.apply(.key(key), to: &model, at: now ?? model.now)
        }
        return effects
    }

    private func type(_ text: String, _ model: inout Model) {
        for character in text { _ = Update.apply(.key(Key(.character(character))), to: &model, at: model.now) }
    }

    private func session(_ event: SessionEvent, _ model: inout Model) -> [Effect] {
        Update.apply(.session(event), to: &model, at: model.now)
    }

    private func sent(_ effects: [Effect]) -> [SessionRequest.OutgoingMessage] {
        effects.compactMap { effect in
            if case .session(.send(let message)) = effect { message } else { nil }
        }
    }

    private func states(_ model: Model) -> [OutboxEntry.State] { model.outbox.entries.map(\.state) }

    // MARK: Sending

    @Test func whatIsTypedIsSentAndStaysInTheOutboxUntilConfirmed() {
        var model = Fixture.joined()
        self.type("hello", &model)
        let sent = self.sent(self.press("Enter", &model))
        #expect(sent.map(\.text) == ["hello"])
        #expect(self.states(model) == [.sending(since: model.now)])
        #expect(model.editor.isEmpty)
        _ = self.session(.delivered(id: sent[0].id), &model)
        #expect(model.outbox.entries.isEmpty)
        #expect(model.rooms[0].timeline.items.last?.message?.isPending == false)
    }

    @Test func anEchoConfirmsAndIsShownOnce() {
        var model = Fixture.joined()
        self.type("hello", &model)
        let sent = self.sent(self.press("Enter", &model))
        let echo = Fixture.message("alice", "hello", at: Fixture.at(12, 1), id: sent[0].id)
        for _ in 0..<3 { _ = self.session(.message(room: "general", echo), &model) }
        _ = self.session(.delivered(id: sent[0].id), &model)
        #expect(model.outbox.entries.isEmpty)
        #expect(model.rooms[0].timeline.items.compactMap(\.message?.text) == ["hello"])
    }

    @Test func whatIsWrittenOfflineIsSentOnceAndInOrder() {
        var model = Fixture.joined()
        _ = self.session(.connection(.init(state: .disconnected, attempt: 1, retryAfterMilliseconds: 1_000)), &model)
        _ = self.session(.channel(room: "general", .stalled, reason: nil), &model)
        var sent: [SessionRequest.OutgoingMessage] = []
        for number in 0..<150 {
            self.type("line \(number)", &model)
            sent += self.sent(self.press("Enter", &model))
        }
        #expect(sent.isEmpty)
        #expect(model.outbox.entries.count == 150)
        sent += self.sent(self.session(.connection(.init(state: .connected, attempt: 1)), &model))
        #expect(sent.isEmpty, "not before the room is entered again")
        sent += self.sent(self.session(.channel(room: "general", .joined, reason: nil), &model))
        var confirmed = 0
        while confirmed < sent.count {
            sent += self.sent(self.session(.delivered(id: sent[confirmed].id), &model))
            confirmed += 1
        }
        #expect(sent.map(\.text) == (0..<150).map { "line \($0)" })
        #expect(model.outbox.entries.isEmpty)
    }

    @Test func aRefusedMessageCanBeRetriedAndDropped() {
        var model = Fixture.joined()
        for text in ["one", "two"] {
            self.type(text, &model)
            let sent = self.sent(self.press("Enter", &model))
            _ = self.session(.refused(id: sent[0].id, reason: "too long", retryAfterMilliseconds: nil), &model)
        }
        #expect(self.states(model) == [.failed(reason: "too long"), .failed(reason: "too long")])
        let again = self.sent(Update.apply(.line("/retry 1"), to: &model, at: model.now))
        #expect(again.map(\.text) == ["one"])
        _ = Update.apply(.line("/drop 2"), to: &model, at: model.now)
        #expect(model.outbox.entries.map(\.text) == ["one"])
        #expect(model.rooms[0].timeline.items.compactMap(\.message?.text) == ["one"])
    }

    @Test func aRateLimitIsWaitedForAndKeepsTheOrder() {
        var model = Fixture.joined()
        self.type("one", &model)
        let first = self.sent(self.press("Enter", &model))
        _ = self.session(.refused(id: first[0].id, reason: "429", retryAfterMilliseconds: 3_000), &model)
        self.type("two", &model)
        #expect(self.sent(self.press("Enter", &model)).isEmpty)
        #expect(model.nextTick.map { $0 <= model.now + 3_000 } == true)
        let later = self.sent(Update.apply(.tick, to: &model, at: model.now + 3_000))
        #expect(later.map(\.text) == ["one"], "the second must not overtake it")
        #expect(self.sent(self.session(.delivered(id: later[0].id), &model)).map(\.text) == ["two"])
    }

    @Test func whatMayNotBeSentForLongWaitsForItsAuthor() {
        var model = Fixture.joined()
        self.type("one", &model)
        let sent = self.sent(self.press("Enter", &model))
        _ = self.session(.refused(id: sent[0].id, reason: "403 muted", retryAfterMilliseconds: 600_000), &model)
        #expect(self.states(model) == [.failed(reason: "403 muted")])
        #expect(model.hint?.contains("403 muted") == true)
        _ = Update.apply(.tick, to: &model, at: model.now + 700_000)
        #expect(self.states(model) == [.failed(reason: "403 muted")], "no old message goes out by surprise")
    }

    @Test func unknownCommandsAreNeverSent() {
        var model = Fixture.joined()
        self.type("/jion", &model)
        #expect(self.sent(self.press("Enter", &model)).isEmpty)
        #expect(model.editor.text == "/jion")
        #expect(model.hint?.contains("/join") == true)
    }

    @Test func quittingWithUnsentMessagesAsksFirst() {
        var model = Fixture.joined()
        _ = self.session(.channel(room: "general", .stalled, reason: nil), &model)
        self.type("later", &model)
        _ = self.press("Enter", &model)
        #expect(!Update.apply(.line("/quit"), to: &model, at: model.now).contains(.quit(code: 0)))
        #expect(model.overlay == .quit)
        #expect(!self.press("n", &model).contains(.quit(code: 0)))
        _ = Update.apply(.line("/quit"), to: &model, at: model.now)
        #expect(self.press("y", &model).contains(.quit(code: 0)))
    }

    @Test func controlCEmptiesTheLineAndQuitsOnlyWhenPressedTwice() {
        var model = Fixture.joined()
        self.type("text", &model)
        #expect(self.press("C-c", &model).isEmpty)
        #expect(model.editor.isEmpty)
        #expect(self.press("C-c", &model).isEmpty)
        _ = Update.apply(.tick, to: &model, at: model.now + 2_500)
        #expect(self.press("C-c", &model).isEmpty)
        #expect(self.press("C-c", &model).contains(.quit(code: 0)))
    }

    // MARK: Paste

    @Test func aLongPasteIsAskedAbout() {
        let text = (0..<50).map { "line \($0)" }.joined(separator: "\n") + "\n"
        for (answer, messages, isDraft) in [("C-n", 0, false), ("C-e", 0, true), ("C-y", 1, false)] {
            var model = Fixture.joined()
            #expect(self.sent(Update.apply(.paste(text), to: &model, at: model.now)).isEmpty)
            #expect(
                Renderer.render(model, model.size).lines.contains {
                    $0.contains("Paste 50 lines? Ctrl-Y send, Ctrl-E edit, Ctrl-N drop")
                }
            )
            self.type("xyz", &model)
            #expect(model.editor.isEmpty, "the question takes all keys")
            #expect(self.sent(self.press(answer, &model)).count == messages)
            #expect(model.editor.isEmpty != isDraft)
            #expect(model.overlay == nil)
        }
    }

    @Test func aShortPasteGoesToTheCursorAndIsNotSent() {
        var model = Fixture.joined()
        #expect(self.sent(Update.apply(.paste("one\ntwo\n"), to: &model, at: model.now)).isEmpty)
        #expect(model.editor.text == "one\ntwo\n")
        model.editor.clear()
        _ = Update.apply(.paste("one line\r\n"), to: &model, at: model.now)
        #expect(model.editor.text == "one line")
    }

    // MARK: Reading

    @Test func theMarkerStandsWhereTheUserLookedAway() {
        var model = Fixture.joined()
        _ = self.session(.message(room: "general", Fixture.message("bob", "seen", at: Fixture.at(12, 1))), &model)
        _ = Update.apply(.focus(false), to: &model, at: model.now)
        _ = self.session(.message(room: "general", Fixture.message("bob", "not seen", at: Fixture.at(12, 2))), &model)
        #expect(model.rooms[0].unread == 1)
        #expect(model.rooms[0].countAfterMarker(own: "alice", model.settings) == 1)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("1 new since 12:01") })
        _ = Update.apply(.focus(true), to: &model, at: model.now)
        #expect(model.rooms[0].unread == 0)
        #expect(
            model.rooms[0].countAfterMarker(own: "alice", model.settings) == 1,
            "still shown, so that one can read on from there"
        )
    }

    @Test func importantRoomsComeFirst() {
        var model = Fixture.joined()
        for room in ["ops", "dev", "random"] { _ = self.session(.channel(room: room, .joined, reason: nil), &model) }
        _ = self.session(.message(room: "ops", Fixture.message("bob", "noise", at: Fixture.at(12, 1))), &model)
        let effects = self.session(
            .message(room: "random", Fixture.message("bob", "hey Alice!", at: Fixture.at(12, 2))),
            &model
        )
        #expect(effects.contains(.bell))
        _ = self.press("M-a", &model)
        #expect(model.currentName == "random")
        _ = self.press("M-a", &model)
        #expect(model.currentName == "ops")
        _ = self.press("M-/", &model)
        #expect(model.currentName == "random")
        _ = self.press("Esc 1", &model)
        #expect(model.currentName == "general", "Escape and then a key is the key with Alt")
        _ = self.press("M-j 0 3", &model)
        #expect(model.currentName == "dev")
    }

    @Test func draftsStayWithTheirRoom() {
        var model = Fixture.joined()
        _ = self.session(.channel(room: "ops", .joined, reason: nil), &model)
        self.type("half a thou", &model)
        _ = self.press("C-n", &model)
        #expect(model.editor.isEmpty)
        _ = self.press("C-p", &model)
        #expect(model.editor.text == "half a thou")
    }

    @Test func scrollingUpStaysInPlaceAndLoadsOlderMessages() {
        var model = Fixture.joined()
        let messages = (0..<100).map { Fixture.message("bob", "line \($0)", at: Fixture.at(10, 0, $0)) }
        _ = self.session(.history(room: "general", messages, isComplete: false), &model)
        _ = self.press("PgUp PgUp", &model)
        func messageRows() -> [String] {
            Renderer.render(model, model.size).lines.map { String($0.dropFirst(20)) }.filter { $0.contains("line") }
        }
        let before = messageRows()
        _ = self.session(.message(room: "general", Fixture.message("bob", "new", at: Fixture.at(12, 5))), &model)
        #expect(messageRows() == before)
        var effects: [Effect] = []
        for _ in 0..<10 { effects += self.press("PgUp", &model) }
        #expect(
            effects.contains { if case .session(.history(room: "general", before: .some)) = $0 { true } else { false } }
        )
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("line 0") })
        let older = (0..<20).map { Fixture.message("bob", "older \($0)", at: Fixture.at(9, 0, $0)) }
        _ = self.session(.history(room: "general", older, isComplete: true), &model)
        #expect(model.rooms[0].timeline.items.first?.message?.text == "older 0")
        #expect(
            Renderer.render(model, model.size).lines.contains { $0.contains("line 0") },
            "what was read stays in view"
        )
        _ = self.press("Esc", &model)
        #expect(model.rooms[0].scroll == nil)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("new") })
    }

    @Test func pagingDownComesBackToTheEnd() {
        var model = Fixture.joined()
        let messages = (0..<100).map { Fixture.message("bob", "line \($0)\nsecond\nthird", at: Fixture.at(10, 0, $0)) }
        _ = self.session(.history(room: "general", messages, isComplete: true), &model)
        var positions: [ScrollAnchor?] = [model.rooms[0].scroll]
        for _ in 0..<5 {
            _ = self.press("PgUp", &model)
            positions.append(model.rooms[0].scroll)
        }
        for position in positions.dropLast().reversed() {
            _ = self.press("PgDn", &model)
            #expect(model.rooms[0].scroll == position)
        }
    }

    // MARK: Machines

    @Test func anOutageIsOneLine() {
        var model = Fixture.joined()
        _ = self.session(.message(room: "general", Fixture.message("bob", "hi", at: Fixture.at(12, 1))), &model)
        for round in 1...3 {
            let change = SessionEvent.ConnectionChange(
                state: .disconnected,
                attempt: round,
                retryAfterMilliseconds: 1_000,
                reason: round == 1 ? "ping timeout" : "refused"
            )
            _ = self.session(.connection(change), &model)
            _ = self.session(.channel(room: "general", .stalled, reason: nil), &model)
            _ = self.session(.connection(.init(state: .connecting, attempt: round)), &model)
        }
        _ = self.session(.connection(.init(state: .connected, attempt: 3)), &model)
        _ = self.session(.channel(room: "general", .joined, reason: nil), &model)
        let notices = model.rooms[0].timeline.items.compactMap { item -> String? in
            if case .notice(let text, _) = item.content { text } else { nil }
        }
        #expect(notices == ["lost 12:00:00 (ping timeout), back 12:00:00 after 3 tries"])
        _ = self.session(.recovered(room: "general", count: 2), &model)
        #expect(
            model.rooms[0].timeline.items.last?.content
                == .notice(
                    text: "lost 12:00:00 (ping timeout), back 12:00:00 after 3 tries, 2 missed messages came",
                    time: model.now
                )
        )
        #expect(
            model.rooms[0].timeline.items.compactMap(\.message?.text) == ["hi"],
            "nothing of the scrollback is touched"
        )
    }

    @Test func theCountdownAsksToBeDrawnEachSecondAndNothingElseDoes() {
        var model = Fixture.joined()
        #expect(model.nextTick == nil)
        _ = self.session(.connection(.init(state: .disconnected, attempt: 4, retryAfterMilliseconds: 7_000)), &model)
        #expect(model.nextTick == model.now + 1_000)
        let first = Renderer.render(model, model.size).lines[0]
        _ = Update.apply(.tick, to: &model, at: model.now + 1_000)
        let second = Renderer.render(model, model.size).lines[0]
        #expect(first.contains("try 4 in 07s") && second.contains("try 4 in 06s"))
    }

    @Test func peopleAreStaleWhileTheRoomIsNotJoined() {
        var model = Fixture.joined()
        _ = self.session(.typing(room: "general", name: "bob"), &model)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("bob is typing") })
        _ = self.session(.connection(.init(state: .disconnected, attempt: 1, retryAfterMilliseconds: 1_000)), &model)
        _ = self.session(.channel(room: "general", .stalled, reason: nil), &model)
        let lines = Renderer.render(model, model.size).lines
        #expect(lines.contains { $0.contains("not live since 12:00:00: presence and typing are frozen") })
        #expect(lines.contains { $0.contains("* stale: as of") })
        #expect(lines.contains { $0.contains("HERE #general  2*") })
    }

    @Test func joinsAndLeavesAreFolded() {
        var model = Fixture.joined()
        for name in ["x", "y", "z"] { _ = self.session(.personJoined(room: "general", Person(name: name)), &model) }
        _ = self.session(.personLeft(room: "general", name: "x"), &model)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("-- 3 joined, 1 left (12:00)") })
        _ = self.press("M-= M-=", &model)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("y joined") })
    }

    // MARK: Completion and history

    @Test func tabOffersWhoSpokeLastFirst() {
        var model = Fixture.joined()
        for (author, minute) in [("bob", 1), ("barbara", 2), ("carol", 3)] {
            _ = self.session(
                .message(room: "general", Fixture.message(author, "x", at: Fixture.at(12, minute))),
                &model
            )
        }
        self.type("b", &model)
        _ = self.press("Tab", &model)
        #expect(model.editor.text == "barbara: ")
        _ = self.press("Tab", &model)
        #expect(model.editor.text == "bob: ")
        _ = self.press("S-Tab", &model)
        #expect(model.editor.text == "barbara: ")
        self.type("hi c", &model)
        _ = self.press("Tab", &model)
        #expect(model.editor.text == "barbara: hi carol ")
        self.type(":thumbsu", &model)
        _ = self.press("Tab", &model)
        #expect(model.editor.text == "barbara: hi carol 👍")
        model.editor.clear()
        self.type("/jo", &model)
        _ = self.press("Tab", &model)
        #expect(model.editor.text == "/join ")
    }

    @Test func inputHistoryIsBrowsedAndSearched() {
        var model = Fixture.joined()
        for text in ["first", "second", "third"] {
            self.type(text, &model)
            _ = self.press("Enter", &model)
        }
        self.type("draft", &model)
        _ = self.press("Up Up", &model)
        #expect(model.editor.text == "second")
        _ = self.press("Down Down", &model)
        #expect(model.editor.text == "draft")
        _ = self.press("C-r f i r Enter", &model)
        #expect(model.editor.text == "first")
    }

    @Test func anyKeysInAnyOrderKeepTheModelDrawable() {
        var random = SeededRandom(seed: 99)
        let names = [
            "Enter", "M-Enter", "Tab", "S-Tab", "Esc", "Up", "Down", "PgUp", "PgDn", "C-r", "C-s", "F1", "F2", "F6",
            "C-o", "k", "j", "d", "r", "t",
            "F7", "F8",
            "M-a", "M-u", "M-n", "M-p", "M-<", "M->", "C-n", "C-p", "M-j", "1", "a", "/", "C-w", "C-y", "C-_",
            "Backspace", "C-c",
            "M-=", "b", "y", "n", "M-/",
        ]
        for round in 0..<30 {
            var model = round.isMultiple(of: 2) ? Fixture.recovered(80, 24) : Fixture.stalled(50, 12)
            var pressed: [String] = []
            for _ in 0..<60 {
                let name = names.randomElement(using: &random) ?? "a"
                pressed.append(name)
                _ = self.press(name, &model)
                let grid = Renderer.render(model, model.size)
                #expect(grid.cells.count == model.size.columns * model.size.rows)
                if let cursor = grid.cursor {
                    #expect(grid.bounds.contains(column: cursor.column, row: cursor.row), "\(pressed)")
                }
            }
        }
    }

    // MARK: Surprises

    @Test func anEscapeOfAMinuteAgoDoesNotTurnACommandIntoAMessage() {
        var model = Fixture.joined()
        _ = self.press("Esc", &model)
        let later = model.now + 60_000
        for character in "/list" { _ = Update.apply(.key(Key(.character(character))), to: &model, at: later) }
        #expect(model.editor.text == "/list")
        var hasty = Fixture.joined()
        _ = self.press("Esc / l", &hasty)
        #expect(hasty.editor.text == "/l")
        var typing = Fixture.joined()
        _ = self.press("Esc", &typing)
        for character in "so" { _ = Update.apply(.key(Key(.character(character))), to: &typing, at: typing.now + 100) }
        #expect(typing.editor.text == "so", "a letter that Alt means nothing with is typed")
        var slow = Fixture.joined()
        _ = self.press("Esc", &slow)
        _ = Update.apply(.key(Key(.character("a"))), to: &slow, at: slow.now + 500)
        #expect(slow.editor.text == "a", "and so is any letter that does not come at once")
        var soon = Fixture.joined()
        _ = self.press("Esc", &soon)
        _ = Update.apply(.key(Key(.character("?"))), to: &soon, at: soon.now + 300)
        #expect(soon.overlay == .help(filter: "", top: 0))
    }

    @Test func aNewNameIsNoOutage() {
        var model = Fixture.joined()
        _ = self.session(.nick("alicia"), &model)
        _ = self.session(.connection(.init(state: .disconnected, reason: "asked to disconnect")), &model)
        _ = self.session(.channel(room: "general", .stalled, reason: nil), &model)
        _ = self.session(.connection(.init(state: .connected, attempt: 1)), &model)
        _ = self.session(.channel(room: "general", .joined, reason: nil), &model)
        #expect(model.rooms[0].timeline.items.isEmpty)
        #expect(model.hint == "you are alicia now")
        // The next one is one.
        _ = self.session(.connection(.init(state: .disconnected, reason: "gone")), &model)
        #expect(model.rooms[0].timeline.items.count == 1)
    }

    @Test func editWithoutATextBringsTheLastMessageIntoTheLine() {
        var model = Fixture.joined()
        let own = Fixture.message("alice", "teh text", at: model.now, id: "m1")
        _ = self.session(.message(room: "general", own), &model)
        self.type("/edit", &model)
        _ = self.press("Enter", &model)
        #expect(model.editor.text == "/edit teh text")
    }

    @Test func aMessageOfAGoodDayMovesNothingElse() {
        var model = Fixture.joined()
        let before = Renderer.render(model, model.size).lines
        self.type("see https://example.org/a/rather/long/path", &model)
        let sent = self.sent(self.press("Enter", &model))
        let pending = Renderer.render(model, model.size).lines
        _ = self.session(.delivered(id: sent[0].id), &model)
        let after = Renderer.render(model, model.size).lines
        // A sign before the name, and not a cell more.
        #expect(zip(pending, after).count { $0 != $1 } == 1)
        #expect(zip(before, after).count { $0 != $1 } <= 3)
        self.type("slow", &model)
        _ = self.press("Enter", &model)
        _ = Update.apply(.tick, to: &model, at: model.now + 1_000)
        let lines = Renderer.render(model, model.size).lines
        #expect(lines.contains { $0.contains("<sending 01s>") || $0.contains("<sending 1s>") })
        #expect(lines[22].contains("queue 1") && lines[2].contains("q1"))
    }

    @Test func aCertificateThatIsNotTrustedComesWithWhatToDo() {
        var model = Fixture.empty()
        _ = self.session(.channel(room: "lobby", .joining, reason: nil), &model)
        let reason = "the server's certificate is not trusted: self-signed certificate"
        _ = self.session(.connection(.init(state: .disconnected, attempt: 2, reason: reason)), &model)
        #expect(Renderer.render(model, model.size).lines.contains { $0.contains("--insecure") })
    }

    @Test func aPageLosesNothingOfALongLineAndScrollsToItsEnd() {
        var model = Fixture.joined(40, 10)
        let words = (0..<60).map { "word\($0)" }.joined(separator: " ")
        _ = self.session(.message(room: "general", Fixture.message("bob", words, at: model.now)), &model)
        _ = Update.apply(.line("/last 5"), to: &model, at: model.now)
        var seen = ""
        for _ in 0..<30 {
            seen += Renderer.render(model, model.size).lines.joined(separator: " ")
            _ = self.press("Down", &model)
        }
        #expect((0..<60).allSatisfy { seen.contains("word\($0)") })
    }

    @Test func linksAreListedTheNewestFirst() {
        var model = Fixture.joined()
        for (number, text) in ["https://a.example https://b.example", "https://c.example"].enumerated() {
            _ = self.session(
                .message(room: "general", Fixture.message("bob", text, at: model.now, id: "\(number)")),
                &model
            )
        }
        _ = Update.apply(.line("/links"), to: &model, at: model.now)
        guard case .text(_, let lines, _) = model.overlay else {
            Issue.record("no page")
            return
        }
        #expect(lines.map { String($0.suffix(9)) } == ["c.example", "b.example", "a.example"])
    }

    @Test func everySettingSaysWhatItIsFor() {
        for (name, value) in Settings().values {
            #expect(!Settings.summary(name).isEmpty, "\(name)")
            var settings = Settings()
            #expect(settings.set(name, to: value) == nil, "\(name)")
            #expect(settings == Settings())
        }
    }

    @Test func silenceIsToldWhileAnAnswerIsWaitedFor() {
        var model = Fixture.joined()
        func header() -> String { Renderer.render(model, model.size).lines[0] }
        self.type("hello", &model)
        _ = self.press("Enter", &model)
        _ = Update.apply(.tick, to: &model, at: model.now + 2_000)
        #expect(header().contains("no answer for 2s"))
        _ = Update.apply(.tick, to: &model, at: model.now + 3_000)
        #expect(header().contains("no answer for 5s"))
        // A sign of life is no answer.
        _ = self.session(.heard(lagMilliseconds: 1), &model)
        #expect(header().contains("no answer for 5s"))
        _ = Update.apply(.line("/state"), to: &model, at: model.now + 7_000)
        guard case .text(_, let lines, _) = model.overlay else {
            Issue.record("no page")
            return
        }
        #expect(lines.contains("  last heard 7s ago"))
    }

    @Test func allThatIsFoundOnTheScreenIsMarked() {
        var model = Fixture.joined()
        for (number, text) in ["the wall", "a WALLflower 漢 wall", "nothing"].enumerated() {
            _ = self.session(
                .message(room: "general", Fixture.message("bob", text, at: model.now, id: "\(number)")),
                &model
            )
        }
        _ = Update.apply(.line("/search wall"), to: &model, at: model.now)
        let grid = Renderer.render(model, model.size)
        func marked(_ row: Int) -> String {
            let cells = grid.row(row).dropFirst(21)
            // The entry that is gone to is marked as a whole, and what was found in it once more.
            let isCurrent = cells.allSatisfy { $0.style.attributes.contains(.reverse) }
            return cells.filter {
                isCurrent ? $0.style.attributes.contains(.underline) : $0.style == model.theme[.searchHit]
            }
            .map(\.text).joined()
        }
        let rows = grid.lines.indices.filter { grid.lines[$0].contains("wall") || grid.lines[$0].contains("WALL") }
        #expect(rows.dropLast().map(marked) == ["wall", "WALLwall"])
    }

    @Test func whatIsSeenBeforeItIsStoredSaysSoUntilItIs() {
        var model = Fixture.joined()
        func say(_ id: String, offset: Int64?) {
            var message = Fixture.message("bob", "text \(id)", at: model.now, id: id)
            message.offset = offset
            _ = self.session(.message(room: "general", message), &model)
        }
        func shown() -> Int { Renderer.render(model, model.size).lines.count { $0.contains("<not stored yet>") } }
        say("a", offset: 1)
        say("b", offset: nil)
        #expect(shown() == 0)
        _ = self.session(.servers(areReachable: false, text: "cut off\u{1B}[2J"), &model)
        say("c", offset: nil)
        say("c", offset: nil)
        #expect(shown() == 1)
        #expect(Renderer.render(model, model.size).lines[22].contains(" apart "))
        _ = self.session(.servers(areReachable: true, text: "together"), &model)
        say("d", offset: nil)
        #expect(shown() == 0)
        let texts = model.rooms[0].timeline.items.compactMap(\.message?.text)
        #expect(texts == ["text a", "text b", "text c", "text d"])
    }

    @Test func linesAreDrawnOnlyWhereTheyAreWantedAndKnown() {
        var model = Fixture.stalled(80, 24)
        let plain = Renderer.render(model, model.size).lines
        _ = Update.apply(.line("/set lines on"), to: &model, at: model.now)
        model.hint = nil
        let drawn = Renderer.render(model, model.size).lines
        #expect(plain != drawn)
        #expect(zip(plain, drawn).allSatisfy { $0.count == $1.count })
        #expect(drawn[2].contains("\u{2502}") && drawn.contains { $0.contains("\u{2500}\u{2500}") })
        model.charset = "ASCII"
        #expect(Renderer.render(model, model.size).lines == plain)
    }

    @Test func whatIrcClientsCallThingsWorks() {
        for (alias, command) in Command.aliases {
            #expect(Command(rawValue: alias) == nil, "\(alias) is a command itself")
            #expect(InputLine("/\(alias) x") == .command(command, argument: "x"))
        }
    }
}
