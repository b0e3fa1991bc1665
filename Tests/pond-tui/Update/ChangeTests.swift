import PondTesting
import Testing

@testable import pond_tui

/// Answering, changing and removing messages, whether the server has them or not.
@Suite struct ChangeTests {
    /// A user, and what reaches the server: the messages of `#general` by their ids, in order.
    fileprivate struct Bench {
        var model = Fixture.joined()
        /// Sent and not answered yet.
        var flying: [SessionRequest.OutgoingMessage] = []
        var server: [(id: String, text: String)] = []
        var sent: [SessionRequest.OutgoingMessage] = []

        mutating func apply(_ event: Event, at now: WallTime? = nil) {
            let effects = Update.apply(event, to: &self.model, at: now ?? self.model.now)
            for case .session(.send(let message)) in effects {
                self.flying.append(message)
                self.sent.append(message)
            }
        }

        mutating func press(_ keys: String) {
            for name in keys.split(separator: " ") {
                guard let key = Key(String(name)) else {
                    Issue.record("no key \(name)")
                    continue
                }
                self.apply(.key(key))
            }
        }

        mutating func type(_ text: String) {
            for character in text { self.apply(.key(Key(.character(character)))) }
        }

        mutating func enter(_ text: String) {
            self.type(text)
            self.press("Enter")
        }

        mutating func hear(_ author: String, _ text: String, id: String) {
            self.apply(.session(.message(room: "general", Fixture.message(author, text, at: self.model.now, id: id))))
        }

        /// The server takes what is on its way, and confirms.
        mutating func confirm() {
            while !self.flying.isEmpty {
                let message = self.flying.removeFirst()
                switch message.purpose {
                case .message: self.server.append((message.id, message.text))
                case .edit(let id):
                    guard let place = self.server.firstIndex(where: { $0.id == id }) else {
                        Issue.record("edits what is not there")
                        continue
                    }
                    self.server[place].text = message.text
                case .removal(let id, _):
                    #expect(self.server.contains { $0.id == id })
                    self.server.removeAll { $0.id == id }
                }
                self.apply(.session(.delivered(id: message.id)))
            }
        }

        mutating func lose(at now: WallTime? = nil) {
            let change = SessionEvent.ConnectionChange(state: .disconnected, attempt: 1, retryAfterMilliseconds: 1_000)
            self.apply(.session(.connection(change)), at: now)
            self.apply(.session(.channel(room: "general", .stalled, reason: nil)), at: now)
        }

        mutating func reconnect(at now: WallTime? = nil) {
            self.apply(.session(.connection(.init(state: .connected, attempt: 1))), at: now)
            self.apply(.session(.channel(room: "general", .joined, reason: nil)), at: now)
        }

        /// The program ends without a word and starts again; what was on its way has arrived, or not.
        mutating func restart(arrived: Bool = false, at now: WallTime? = nil) {
            if arrived { for message in self.flying { self.server.append((message.id, message.text)) } }
            self.flying = []
            let saved = SavedState(SavedState(self.model).bytes)
            var model = Fixture.empty()
            model.now = now ?? self.model.now
            model.idSeed = "next"
            saved?.restore(into: &model)
            self.model = model
        }

        var texts: [String] { self.server.map(\.text) }
        var shown: [String] {
            self.model.rooms[0].timeline.items.compactMap { $0.message.map { $0.isRemoved ? "-" : $0.text } }
        }
        var screen: String { Renderer.render(self.model, self.model.size).lines.joined(separator: "\n") }
    }

    /// A is confirmed, the server is lost, B waits or is on its way.
    private func lostBehindB(inFlight: Bool) -> Bench {
        var bench = Bench()
        bench.enter("A")
        bench.confirm()
        if inFlight {
            bench.enter("B")
            bench.lose()
        } else {
            bench.lose()
            bench.enter("B")
        }
        return bench
    }

    @Test(arguments: [false, true]) func editingActsOnTheLastMessageThatIsShown(_ inFlight: Bool) {
        var bench = self.lostBehindB(inFlight: inFlight)
        bench.enter("/edit C")
        #expect(bench.screen.contains("C") && !bench.screen.contains("alice  B"))
        bench.reconnect()
        bench.confirm()
        #expect(bench.texts == ["A", "C"])
        #expect(bench.shown == ["A", "C"])
        #expect(bench.sent.count == (inFlight ? 3 : 2), "what nobody has seen is changed in place")
        #expect(bench.model.outbox.entries.isEmpty)
    }

    @Test(arguments: [false, true]) func removingActsOnTheLastMessageThatIsShown(_ inFlight: Bool) {
        var bench = self.lostBehindB(inFlight: inFlight)
        bench.enter("/remove")
        bench.reconnect()
        bench.confirm()
        #expect(bench.texts == ["A"])
        #expect(bench.shown == (inFlight ? ["A", "-"] : ["A"]))
        #expect(bench.model.outbox.entries.isEmpty)
    }

    @Test func changesAskedForOfflineFollowTheirMessageThroughARestart() {
        for arrived in [false, true] {
            var bench = self.lostBehindB(inFlight: true)
            bench.enter("/edit C")
            bench.enter("D")
            bench.enter("/remove")
            bench.enter("E")
            bench.enter("/edit F")
            #expect(bench.shown.suffix(2) == ["B", "F"])
            bench.restart(arrived: arrived)
            bench.reconnect()
            // A repeat of B is known to the server by its id.
            if arrived { bench.server.removeAll { $0.text == "B" } }
            bench.confirm()
            #expect(bench.texts == ["A", "C", "F"], "arrived \(arrived)")
            #expect(bench.model.outbox.entries.isEmpty)
        }
    }

    @Test func anEditOfAMessageThatMayHaveArrivedIsSentAsAnEdit() {
        var bench = self.lostBehindB(inFlight: true)
        let id = bench.model.outbox.entries[0].id
        bench.apply(.session(.returned(id: id)))
        bench.enter("/edit C")
        #expect(bench.model.outbox.entries.map(\.purpose) == [.message(.text, replyTo: nil), .edit(of: id)])
    }

    @Test func aConfirmedMessageIsEditedOfflineAndShownSo() {
        var bench = Bench()
        bench.enter("teh text")
        bench.confirm()
        bench.lose()
        bench.enter("/edit the text")
        #expect(bench.screen.contains("the text") && bench.screen.contains("<edit queued #1>"))
        bench.enter("/edit the better text")
        #expect(bench.model.outbox.entries.count == 1, "a later edit replaces one that waits")
        bench.apply(.line("/drop 1"))
        #expect(bench.screen.contains("teh text"))
        bench.enter("/edit the text")
        bench.enter("/remove")
        #expect(bench.screen.contains("<removal queued #1>"))
        bench.reconnect()
        bench.confirm()
        #expect(bench.texts.isEmpty && bench.sent.count == 2)
    }

    @Test func theMessageMeantIsShownAndStaysTheSame() {
        var bench = Bench()
        bench.hear("alice", "first", id: "m1")
        bench.hear("bob", "between", id: "b1")
        bench.type("/edit better")
        #expect(bench.screen.contains("edits 12:00 alice: first"))
        // The same user writes something on another device before Enter is pressed.
        bench.hear("alice", "from elsewhere", id: "m2")
        #expect(bench.screen.contains("edits 12:00 alice: first"))
        bench.press("Enter")
        #expect(bench.sent.map(\.purpose) == [.edit(of: "m1")])
        bench.confirm0()
        bench.type("/remove 2")
        #expect(bench.screen.contains("removes 12:00 bob: between"))
        bench.hear("bob", "more", id: "b2")
        bench.press("Enter")
        #expect(bench.sent.last?.purpose == .removal(of: "b1", reason: nil))
        bench.confirm0()
        bench.type("/reply bob ")
        #expect(bench.screen.contains("answers 12:00 bob: more"))
        bench.hear("bob", "even more", id: "b3")
        bench.enter("yes")
        #expect(bench.sent.last?.purpose == .message(.text, replyTo: "b2"))
    }

    @Test func aNumberBringsThatMessageIntoTheLine() {
        var bench = Bench()
        bench.hear("alice", "first", id: "m1")
        bench.hear("bob", "his", id: "b1")
        bench.hear("alice", "last", id: "m2")
        bench.enter("/edit 3")
        #expect(bench.model.editor.text == "/edit first")
        bench.press("Backspace")
        bench.hear("alice", "newer", id: "m3")
        bench.restartKeepingHistory()
        #expect(bench.model.editor.text == "/edit firs")
        bench.press("t Enter")
        bench.reconnect()
        #expect(bench.sent.map(\.purpose) == [.edit(of: "m1")])
        bench.confirm0()
        bench.enter("/edit 2")
        #expect(bench.sent.count == 1, "somebody else's message is not edited")
    }

    @Test func aTextThatIsANumberIsATextOnceTheMessageIsInTheLine() {
        var bench = Bench()
        bench.hear("alice", "41", id: "m1")
        bench.enter("/edit")
        #expect(bench.model.editor.text == "/edit 41")
        bench.press("Backspace 2 Enter")
        #expect(bench.sent.map(\.text) == ["42"])
    }

    @Test func numbersOfTheQueueNameItsMessages() {
        var bench = Bench()
        bench.lose()
        for text in ["one", "two", "three"] { bench.enter(text) }
        for number in 1...3 { #expect(bench.screen.contains("<queued #\(number)>")) }
        bench.enter("/edit #2")
        #expect(bench.model.editor.text == "/edit two")
        bench.enter("!")
        bench.enter("/remove #1")
        bench.enter("/reply #3 four")
        bench.enter("/queue")
        guard case .text(_, let lines, _) = bench.model.overlay else {
            Issue.record("no page")
            return
        }
        #expect(lines.map { $0.prefix(2) } == ["#2", "#3", "#4"])
        bench.apply(.line("/drop #3"))
        bench.reconnect()
        bench.confirm()
        #expect(bench.texts == ["two!", "four"])
        #expect(bench.sent.map(\.purpose).last == .message(.text, replyTo: nil), "what it answered was dropped")
        bench.enter("next")
        #expect(bench.model.outbox.entries.map(\.number) == [1], "an empty queue begins again")
    }

    @Test func aRefusedMessageTakesTheChangesThatWereToFollowIt() {
        var bench = Bench()
        bench.enter("too long")
        bench.enter("/edit short")
        let first = bench.flying.removeFirst().id
        bench.apply(.session(.refused(id: first, reason: "413 too long", retryAfterMilliseconds: nil)))
        #expect(bench.flying.map(\.text) == ["short"])
        bench.confirm()
        #expect(bench.texts == ["short"] && bench.sent.map(\.id) == [first, first])
        bench.enter("never mind")
        bench.enter("/remove")
        bench.apply(.session(.refused(id: bench.flying.removeFirst().id, reason: "429", retryAfterMilliseconds: 3_000)))
        #expect(bench.model.outbox.entries.isEmpty && bench.shown == ["short"])
    }

    @Test func aRefusedRemovalLeavesNothingBehind() {
        var bench = Bench()
        bench.hear("bob", "his", id: "b1")
        bench.enter("/remove bob")
        bench.apply(.session(.refused(id: bench.flying[0].id, reason: "403 no", retryAfterMilliseconds: nil)))
        #expect(bench.model.outbox.entries.isEmpty)
        #expect(bench.model.hint == "the message was not removed: 403 no")
    }

    @Test func removedAndHiddenMessagesAreNotMeant() {
        var bench = Bench()
        bench.hear("bob", "older", id: "b1")
        bench.hear("bob", "taken away", id: "b2")
        bench.hear("mallory", "hidden", id: "x")
        bench.apply(.session(.removed(room: "general", id: "b2", by: "bob")))
        bench.apply(.line("/ignore mallory"))
        bench.enter("/reply bob yes")
        #expect(bench.sent.map(\.purpose) == [.message(.text, replyTo: "b1")])
        bench.confirm()
        bench.enter("/reply 3 yes")
        #expect(bench.sent.last?.purpose == .message(.text, replyTo: "b1"), "what is hidden does not count")
    }

    @Test func copyingTakesTheLastMessageThatIsShown() {
        var bench = Bench()
        bench.hear("bob", "his", id: "b1")
        bench.hear("mallory", "hidden", id: "x")
        bench.apply(.line("/ignore mallory"))
        #expect(Update.apply(.line("/copy"), to: &bench.model, at: bench.model.now) == [.copy("his")])
        bench.lose()
        bench.enter("mine")
        #expect(Update.apply(.line("/copy"), to: &bench.model, at: bench.model.now) == [.copy("mine")])
    }

    // MARK: Old queues

    @Test func aQueueThatIsOlderThanFiveMinutesIsAskedAbout() {
        var bench = Bench()
        let lost = bench.model.now
        bench.lose()
        bench.enter("old")
        bench.apply(.tick, at: lost + 290_000)
        bench.enter("fresh")
        bench.reconnect(at: lost + 360_000)
        #expect(bench.sent.isEmpty)
        bench.press("x Backspace")
        #expect(bench.screen.contains("2 waited over 5 min, send? /retry all, /drop all, /queue"))
        #expect(bench.screen.contains("<held #1, /retry 1 or /drop 1>"))
        bench.enter("now")
        #expect(bench.flying.map(\.text) == ["now"])
        bench.confirm()
        bench.restart(at: bench.model.now + 1_000)
        bench.reconnect()
        #expect(bench.sent.count == 1 && bench.model.outbox.heldCount == 2, "nothing is lost while it is unanswered")
        bench.apply(.line("/retry all"))
        bench.confirm()
        #expect(bench.texts == ["now", "old", "fresh"])
    }

    @Test func whatTheUserSentAgainIsNotAskedAboutOnceMore() {
        var bench = Bench()
        let lost = bench.model.now
        bench.lose()
        bench.enter("old")
        bench.reconnect(at: lost + 360_000)
        bench.lose()
        bench.apply(.line("/retry all"))
        bench.reconnect()
        bench.confirm()
        #expect(bench.texts == ["old"])
    }

    @Test func aShortInterruptionOfASlowQueueAsksNothing() {
        var bench = Bench()
        bench.enter("first")
        let id = bench.flying.removeFirst().id
        bench.enter("second")
        bench.apply(.session(.refused(id: id, reason: "429", retryAfterMilliseconds: 50_000)))
        bench.apply(.session(.heard(lagMilliseconds: 1)), at: bench.model.now + 400_000)
        bench.lose()
        bench.reconnect(at: bench.model.now + 2_000)
        bench.apply(.tick)
        bench.confirm()
        #expect(bench.texts == ["first", "second"])
    }

    @Test func whatTheClientHadForLongIsTakenBackAndAskedAbout() throws {
        var bench = Bench()
        let lost = bench.model.now
        bench.enter("in flight")
        let id = bench.flying.removeFirst().id
        bench.lose()
        let due = try #require(bench.model.nextTick)
        #expect(due <= lost + 301_000)
        let effects = Update.apply(.tick, to: &bench.model, at: lost + 301_000)
        #expect(effects.contains(.session(.recall(room: "general", id: id))))
        bench.apply(.session(.returned(id: id)))
        bench.reconnect(at: lost + 360_000)
        #expect(bench.flying.isEmpty && bench.model.outbox.heldCount == 1)
        bench.apply(.line("/drop 1"))
        #expect(bench.model.hint?.contains("may have arrived") == true)
    }
}

extension ChangeTests.Bench {
    /// The server takes what is on its way; what it holds is not followed.
    fileprivate mutating func confirm0() {
        while !self.flying.isEmpty { self.apply(.session(.delivered(id: self.flying.removeFirst().id))) }
    }

    /// A restart after which the history comes again.
    fileprivate mutating func restartKeepingHistory() {
        let messages = self.model.rooms[0].timeline.items.compactMap(\.message)
        self.restart()
        self.apply(.session(.history(room: "general", messages, isComplete: true)))
    }
}
