import Testing

@testable import pond_tui

/// Read marks, and pages of the past that do not come.
@Suite struct ReadingTests {
    private func session(_ event: SessionEvent, _ model: inout Model, at now: WallTime? = nil) -> [SessionRequest] {
        self.requests(Update.apply(.session(event), to: &model, at: now ?? model.now))
    }

    private func requests(_ effects: [Effect]) -> [SessionRequest] {
        effects.compactMap { if case .session(let request) = $0 { request } else { nil } }
    }

    private func say(_ text: String, _ second: Int, _ model: inout Model, room: String = "general") {
        let message = Fixture.message("bob", text, at: Fixture.at(12, 1, second), id: text)
        _ = self.session(.message(room: room, message), &model, at: Fixture.at(12, 1, second))
    }

    @Test func theServerLearnsWhatWasReadOnceForManyMessages() {
        var model = Fixture.joined()
        for number in 0..<20 { self.say("m\(number)", 0, &model) }
        #expect(model.nextTick == model.now + Room.readDelay)
        let told = self.requests(Update.apply(.tick, to: &model, at: model.now + Room.readDelay))
        #expect(told == [.markRead(room: "general", id: "m19")])
        #expect(model.nextTick == nil, "nothing more to do")
    }

    @Test func whatIsNotSeenIsNotMarked() {
        var model = Fixture.joined()
        _ = Update.apply(.focus(false), to: &model, at: model.now)
        self.say("unseen", 0, &model)
        #expect(model.rooms[0].readDueAt == nil)
        _ = Update.apply(.focus(true), to: &model, at: model.now)
        let told = self.requests(Update.apply(.tick, to: &model, at: model.now + Room.readDelay))
        #expect(told == [.markRead(room: "general", id: "unseen")])
    }

    @Test func leavingTheProgramTellsWhatWasReadAtOnce() {
        var model = Fixture.joined()
        self.say("seen", 0, &model)
        #expect(
            self.requests(Update.apply(.line("/quit"), to: &model, at: model.now)) == [
                .markRead(room: "general", id: "seen")
            ]
        )
    }

    @Test func aRoomEnteredAfreshCountsWhatTheServerSaysIsUnread() {
        var model = Fixture.joined()
        _ = self.session(.channel(room: "ops", .joined, reason: nil), &model)
        _ = self.session(.read(room: "ops", .init(upTo: "old", unread: 70, mentions: 2)), &model)
        #expect(model.rooms[1].unread == 70 && model.rooms[1].mentions == 2)
        // The last page does not reach back to the mark: the server's counts stand, and all of it is new.
        let page = (0..<50).map { Fixture.message("bob", "n\($0)", at: Fixture.at(11, $0), id: "n\($0)") }
        _ = self.session(.history(room: "ops", page, isComplete: false), &model)
        #expect(model.rooms[1].unread == 70)
        #expect(model.rooms[1].marker != nil)
    }

    @Test func readingOnAnotherDeviceTakesTheCountsAway() {
        var model = Fixture.joined()
        _ = self.session(.channel(room: "ops", .joined, reason: nil), &model)
        _ = self.session(.history(room: "ops", [], isComplete: true), &model)
        for text in ["one", "two", "three"] { self.say(text, 5, &model, room: "ops") }
        #expect(model.rooms[1].unread == 3)
        _ = self.session(.read(room: "ops", .init(upTo: "two", unread: 1, mentions: 0)), &model)
        #expect(model.rooms[1].unread == 1)
        #expect(model.rooms[1].countAfterMarker(own: "alice", model.settings) == 1)
        _ = self.session(.read(room: "ops", .init(upTo: "three", unread: 0, mentions: 0)), &model)
        #expect(model.rooms[1].unread == 0 && model.rooms[1].marker == nil)
        // A mark that comes late takes nothing back.
        _ = self.session(.read(room: "ops", .init(upTo: "one", unread: 2, mentions: 0)), &model)
        #expect(model.rooms[1].unread == 0)
    }

    @Test func theLaterOfTheMarksHereAndOnTheServerCounts() {
        for (own, server, unread) in [("a", "b", 1), ("b", "a", 1), (nil, "a", 2), ("c", nil, 0)]
            as [(String?, String?, Int)]
        {
            var model = Fixture.joined()
            _ = self.session(.channel(room: "ops", .joined, reason: nil), &model)
            model.rooms[1].lastReadID = own
            if let server { _ = self.session(.read(room: "ops", .init(upTo: server, unread: 9, mentions: 0)), &model) }
            let page = ["a", "b", "c"].enumerated().map { Fixture.message("bob", $1, at: Fixture.at(11, $0), id: $1) }
            _ = self.session(.history(room: "ops", page, isComplete: true), &model)
            #expect(model.rooms[1].unread == unread, "own \(own ?? "-") server \(server ?? "-")")
        }
    }

    @Test func aGapThatCannotBeFilledIsAskedForAgainUntilItCan() {
        var model = Fixture.joined()
        self.say("before", 0, &model)
        let asked = self.session(.resync(room: "general"), &model)
        #expect(asked.contains(.history(room: "general", before: nil)))
        var now = model.now
        for failure in 1...3 {
            let after = self.session(
                .historyFailed(room: "general", reason: "no answer", retryAfterMilliseconds: nil),
                &model,
                at: now
            )
            #expect(after.isEmpty)
            guard let next = model.rooms[0].historyRetryAt else {
                Issue.record("not asked for again")
                return
            }
            #expect(next - now == Int64(1_000) << (failure - 1))
            #expect(model.nextTick.map { $0 <= next } == true)
            now = next
            let again = self.requests(Update.apply(.tick, to: &model, at: now))
            #expect(again.contains(.history(room: "general", before: nil)))
        }
        let page = [
            Fixture.message("bob", "before", at: Fixture.at(12, 1), id: "before"),
            Fixture.message("bob", "meanwhile", at: Fixture.at(12, 2), id: "meanwhile"),
        ]
        _ = self.session(.history(room: "general", page, isComplete: false), &model, at: now)
        #expect(model.rooms[0].timeline.items.compactMap(\.message?.text) == ["before", "meanwhile"])
        #expect(model.rooms[0].historyRetryAt == nil && model.rooms[0].resyncUntil == nil)
    }

    @Test func aPageTheUserScrolledForIsNotAskedForByItself() {
        var model = Fixture.joined()
        _ = self.session(.historyFailed(room: "general", reason: "no answer", retryAfterMilliseconds: nil), &model)
        #expect(model.rooms[0].historyRetryAt == nil)
        #expect(model.hint == "older messages did not come: no answer")
        #expect(model.rooms[0].history == .more)
    }
}
