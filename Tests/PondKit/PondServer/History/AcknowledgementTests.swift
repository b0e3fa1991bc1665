import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

@Suite struct AcknowledgementTests {
    @Test func acknowledgesAfterTheHandlerAndHandlesARepeatOnce() throws {
        let application = try DurableApplication()
        let alice = try application.member("alice")
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        let first = alice.receiveAll()
        #expect(first.map(\.line) == ["say 1 1", "DELIVERED"])
        #expect(first.last?.requestId == "a" && first.last?.action == .system)
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        #expect(alice.receiveAll().map(\.line) == ["DELIVERED"])
        alice.send("/room/1", "say", ["n": 2])
        #expect(alice.receiveAll().map(\.line) == ["say 2 2"])
    }

    @Test func answersARepeatOfAFailureWithTheSameFailure() throws {
        let application = try DurableApplication()
        let alice = try application.member("alice")
        for expected in [["tried 1", "CHANNEL_ERROR"], ["CHANNEL_ERROR"]] {
            alice.sendAcknowledged("fail", id: "f")
            let answer = alice.receiveAll()
            #expect(answer.map(\.line) == expected)
            #expect(answer.last?.requestId == "f" && answer.last?.payload["status"] == 403)
        }
        for _ in 1...2 {
            alice.sendAcknowledged("nosuch", id: "n")
            #expect(alice.receiveAll().map(\.event) == ["HANDLER_NOT_FOUND"])
        }
    }

    @Test func handlesLaterWhatCameBeforeItsSenderWasAMember() throws {
        let application = try DurableApplication()
        let alice = try application.connect("alice")
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        #expect(alice.receiveAll().map(\.event) == ["NOT_FOUND"])
        _ = alice.join(recovering: nil)
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        #expect(alice.receiveAll().map(\.line) == ["say 1 1", "DELIVERED"])
    }

    @Test func knowsARepeatThoughItsSenderLeftMeanwhile() throws {
        let application = try DurableApplication()
        let alice = try application.member("alice")
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        alice.leave("/room/1")
        #expect(alice.receiveAll().map(\.line) == ["say 1 1", "DELIVERED", "EXIT_ACKNOWLEDGE"])
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        alice.sendAcknowledged("say", ["n": 2], id: "b")
        #expect(alice.receiveAll().map(\.event) == ["DELIVERED", "NOT_FOUND"])
        _ = alice.join(recovering: nil)
        alice.sendAcknowledged("say", ["n": 1], id: "a")
        alice.sendAcknowledged("say", ["n": 2], id: "b")
        #expect(alice.receiveAll().map(\.line) == ["DELIVERED", "say 2 2", "DELIVERED"])
    }

    @Test func forgetsChannelsThatWereLeftBeforeItRefusesOthers() throws {
        let application = try DurableApplication { $0.limits.channelsPerConnection = 3 }
        let alice = try application.connect("alice")
        for number in 1...9 {
            let room = "/room/\(number)"
            alice.join(room)
            #expect(alice.receiveAll().first?.event == "ACKNOWLEDGE", "room \(number)")
            alice.send(
                ClientMessage(
                    action: .broadcast,
                    event: "say",
                    channelName: room,
                    requestId: "r",
                    wantsAcknowledgement: true
                )
            )
            alice.leave(room)
            _ = alice.receiveAll()
        }
    }

    @Test func remembersNoMoreThanItsBound() throws {
        let application = try DurableApplication { $0.limits.dedupeRequests = 2 }
        let alice = try application.member("alice")
        for id in ["a", "b", "c"] { alice.sendAcknowledged("say", ["n": .string(id)], id: id) }
        _ = alice.receiveAll()
        alice.sendAcknowledged("say", ["n": "c"], id: "c")
        #expect(alice.receiveAll().map(\.line) == ["DELIVERED"])
        alice.sendAcknowledged("say", ["n": "a"], id: "a")
        #expect(alice.receiveAll().map(\.line) == ["say 4 a", "DELIVERED"])
    }

    @Test func knowsARepeatOfWhatIsStillHandledForASessionThatIsOver() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        lobby.keepHistory()
        let waiting = Lock<[CheckedContinuation<Void, Never>]>([])
        try lobby.onMessage("say") { context in
            if context.payload["slow"] != nil {
                await withCheckedContinuation { continuation in waiting.withLock { $0.append(continuation) } }
            }
            context.broadcast("say", context.payload)
        }
        let witness = try pond.test.connect("/socket")
        let before = try pond.test.connect("/socket", headers: ["Pond-Session": "new"])
        for session in [witness, before] { _ = session.join(recovering: nil) }
        before.sendAcknowledged("say", ["n": 1, "slow": true], id: "a")
        before.close()
        pond.test.run()
        let token = try #require(before.token)
        let after = try pond.test.connect("/socket", headers: ["Pond-Session": token])
        #expect(after.token != token, "a goodbye ends the session")
        #expect(after.join(recovering: nil).isEmpty, "what came before is not known to be handled yet")
        after.sendAcknowledged("say", ["n": 1, "slow": true], id: "a")
        after.sendAcknowledged("say", ["n": 2], id: "b")
        pond.test.run()
        for continuation in waiting.withLock({ $0 }) { continuation.resume() }
        #expect(witness.receiveAll().map(\.line) == ["say 1 1", "say 2 2"])
        #expect(after.receiveAll().map(\.line) == ["ACKNOWLEDGE", "DELIVERED", "say 2 2", "DELIVERED"])
    }
}
