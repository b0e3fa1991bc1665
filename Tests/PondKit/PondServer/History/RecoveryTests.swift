import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct RecoveryTests {
    private func epoch(_ session: PondTestSession) throws -> String {
        let answer = try #require(session.join(recovering: nil).first)
        return try #require(answer.payload["epoch"]?.string)
    }

    @Test func numbersBroadcastsAndSaysWhereTheyStand() throws {
        let application = try DurableApplication()
        let alice = try application.connect("alice")
        let first = try #require(alice.join(recovering: nil).first)
        #expect(first.event == "ACKNOWLEDGE")
        #expect(first.payload["offset"] == 0)
        #expect(first.payload["recovered"] == nil)
        let bob = try application.member("bob")
        for n in 1...3 { alice.send("/room/1", "say", ["n": .int(Int64(n))]) }
        #expect(alice.receiveAll().map(\.line) == ["say 1 1", "say 2 2", "say 3 3"])
        let heard = bob.receiveAll()
        #expect(heard.map(\.line) == ["say 1 1", "say 2 2", "say 3 3"])
        #expect(Set(heard.map(\.requestId)).count == 3)
        let late = try application.connect("late")
        #expect(late.join(recovering: nil).first?.payload["offset"] == 3)
    }

    @Test func replaysExactlyWhatTheMemberWouldHaveHeard() throws {
        let application = try DurableApplication()
        let alice = try application.member("alice")
        let bob = try application.member("bob")
        let carol = try application.member("carol")
        let epoch = try self.epoch(bob)
        alice.send("/room/1", "say", ["n": 1])
        #expect(bob.receiveAll().map(\.line) == ["say 1 1"])
        bob.close()
        alice.send("/room/1", "say", ["n": 2])
        alice.send("/room/1", "whisper", ["n": 3, "to": "bob"])
        alice.send("/room/1", "whisper", ["n": 4, "to": "carol"])
        alice.send("/room/1", "others", ["n": 5])
        alice.send("/room/1", "say", ["n": 6, "secret": "bob"])
        alice.send("/room/1", "say", ["n": 7, "shout": true])
        carol.send("/room/1", "others", ["n": 8])
        let seen = alice.receiveAll()
        let back = try application.connect("bob")
        let replay = back.join(recovering: StreamPosition(epoch: epoch, offset: 1))
        #expect(
            replay.map(\.line) == ["ACKNOWLEDGE", "say 2 2", "whisper 3 3", "others 5 5", "say 7 LOUD", "others 8 8"]
        )
        #expect(replay.first?.payload["recovered"] == true)
        #expect(replay.first?.payload["replayed"] == 5)
        #expect(replay.first?.payload["offset"] == 8)
        #expect(replay[1].requestId == seen.first { $0.offset == 2 }?.requestId)
        alice.send("/room/1", "say", ["n": 9])
        #expect(back.receiveAll().map(\.line) == ["say 9 9"])
    }

    @Test func replaysAllOrNothing() throws {
        let application = try DurableApplication { options in
            options.limits.historyMessages = 3
            options.limits.outboundBytes = 4000
        }
        let alice = try application.member("alice")
        let epoch = try self.epoch(alice)
        for n in 1...5 { alice.send("/room/1", "say", ["n": .int(Int64(n))]) }
        _ = alice.receiveAll()
        let cases: [(StreamPosition, [String]?)] = [
            (StreamPosition(epoch: epoch, offset: 2), ["say 3 3", "say 4 4", "say 5 5"]),
            (StreamPosition(epoch: epoch, offset: 5), []), (StreamPosition(epoch: epoch, offset: 1), nil),
            (StreamPosition(epoch: epoch, offset: 6), nil), (StreamPosition(epoch: "nonsense", offset: 5), nil),
        ]
        for (position, expected) in cases {
            let late = try application.connect("late")
            let answer = late.join(recovering: position)
            #expect(answer.first?.payload["recovered"] == .bool(expected != nil), "\(position)")
            #expect(answer.dropFirst().map(\.line) == expected ?? [], "\(position)")
            late.close()
        }
    }

    @Test func keepsThePastOfARoomThatEverybodyLeft() throws {
        let application = try DurableApplication()
        let alice = try application.member("alice")
        let epoch = try self.epoch(alice)
        alice.send("/room/1", "say", ["n": 1])
        alice.close()
        application.driver.run()
        #expect(application.pond.channelCount == 0)
        let back = try application.connect("alice")
        #expect(
            back.join(recovering: StreamPosition(epoch: epoch, offset: 0)).map(\.line) == ["ACKNOWLEDGE", "say 1 1"]
        )
    }

    @Test func waitsForAStoreThatIsSlow() throws {
        let store = SlowHistoryStore()
        let application = try DurableApplication(store: store)
        let alice = try application.connect("alice")
        let bob = try application.connect("bob")
        alice.join("/room/1", ["hidden": true])
        bob.join("/room/1", ["hidden": true])
        #expect(alice.receiveAll().isEmpty)
        store.work()
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE"])
        #expect(bob.receiveAll().map(\.event) == ["ACKNOWLEDGE"])
        alice.sendAcknowledged("say", ["n": 1], id: "a1")
        alice.sendAcknowledged("say", ["n": 2], id: "a2")
        #expect(alice.receiveAll().isEmpty)
        #expect(bob.receiveAll().isEmpty)
        store.work(1)
        #expect(alice.receiveAll().map(\.line) == ["say 1 1", "DELIVERED"])
        store.failing = true
        store.work()
        let failure = alice.receiveAll()
        #expect(failure.map(\.event) == ["CHANNEL_ERROR"])
        #expect(failure.first?.requestId == "a2")
        #expect(failure.first?.payload["status"] == 503)
        #expect(bob.receiveAll().map(\.line) == ["say 1 1"])
    }

    @Test func declinesAJoinWhoseHistoryCannotBeOpenedAndTriesAgainWithTheNext() throws {
        let store = SlowHistoryStore()
        let application = try DurableApplication(store: store)
        let alice = try application.connect("alice")
        alice.join("/room/1", ["hidden": true])
        application.driver.run()
        store.failing = true
        store.work()
        let answer = try #require(alice.receive())
        #expect(answer.event == "UNAUTHORIZED" && answer.payload["status"] == 503)
        store.failing = false
        alice.join("/room/1", ["hidden": true])
        application.driver.run()
        store.work()
        #expect(alice.receive()?.event == "ACKNOWLEDGE")
    }

    /// Alice says so many long things after bob has lost his socket.
    private func absence(of messages: Int, in application: DurableApplication) throws
        -> (alice: PondTestSession, bob: PondTestSession, epoch: String)
    {
        let (alice, bob) = (try application.member("alice"), try application.member("bob"))
        let epoch = try self.epoch(bob)
        bob.abort()
        application.driver.run()
        let text = JSON.string(String(repeating: "x", count: 200))
        for number in 1...messages {
            alice.send("/room/1", "say", ["n": .int(Int64(number)), "text": text])
            _ = alice.receiveAll()
        }
        return (alice, bob, epoch)
    }

    @Test func replaysMoreThanAQueueHoldsInPiecesAndWhatIsNewAfterIt() throws {
        let application = try DurableApplication { $0.limits.outboundBytes = 4_096 }
        let (alice, bob, epoch) = try self.absence(of: 100, in: application)
        let back = try application.connect("bob", token: bob.token)
        var frames = back.join(recovering: StreamPosition(epoch: epoch, offset: 0))
        #expect(frames.first?.payload["recovered"] == true && frames.first?.payload["replayed"] == 100)
        #expect(frames.count < 100, "all at once would not fit the queue")
        alice.send("/room/1", "say", ["n": 101])
        for _ in 1...100 {
            application.driver.advance(by: .milliseconds(5))
            frames += back.receiveAll()
        }
        #expect(frames.dropFirst().map(\.offset) == (1...101).map { $0 })
        #expect(back.end == nil)
        alice.send("/room/1", "say", ["n": 102])
        #expect(back.receiveAll().map(\.offset) == [102])
    }

    @Test func beginsALongReplayAgainOnTheNextSocket() throws {
        let application = try DurableApplication { $0.limits.outboundBytes = 4_096 }
        let (_, bob, epoch) = try self.absence(of: 50, in: application)
        let second = try application.connect("bob", token: bob.token)
        let some = second.join(recovering: StreamPosition(epoch: epoch, offset: 0)).dropFirst()
        second.abort()
        for _ in 1...20 { application.driver.advance(by: .milliseconds(5)) }
        let third = try application.connect("bob", token: bob.token)
        let reached = try #require(some.last?.offset)
        var frames = third.join(recovering: StreamPosition(epoch: epoch, offset: reached))
        for _ in 1...50 {
            application.driver.advance(by: .milliseconds(5))
            frames += third.receiveAll()
        }
        #expect(frames.dropFirst().map(\.offset) == (reached + 1...50).map { $0 })
    }
}
