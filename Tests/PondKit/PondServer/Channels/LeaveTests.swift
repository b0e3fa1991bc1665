import PondKit
import PondTesting
import Testing

@Suite struct LeaveTests {
    private func room() throws -> (PondSocket, PondTestSession, PondTestSession) {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket?username=alice")
        let bob = try pond.test.connect("/socket?username=bob")
        for session in [alice, bob] { session.join("/chat/1") }
        for session in [alice, bob] { _ = session.receiveAll() }
        return (pond, alice, bob)
    }

    @Test func acknowledgesALeaveAndTellsTheOthers() throws {
        let (pond, alice, bob) = try self.room()
        let id = bob.leave("/chat/1")
        let answers = bob.receiveAll()
        #expect(answers.map(\.event) == ["EXIT_ACKNOWLEDGE"])
        #expect(answers[0].requestId == id)
        let leave = try #require(alice.receive())
        #expect(leave.event == "LEAVE")
        #expect(
            leave.payload.description == #"{"presence":[{"username":"alice","status":"online"}],"#
                + #""changed":{"username":"bob","status":"online"}}"#
        )
        bob.send("/chat/1", "message")
        #expect(bob.receive()?.event == "NOT_FOUND")
        alice.leave("/chat/1")
        #expect(alice.receive()?.event == "EXIT_ACKNOWLEDGE")
        #expect(pond.channelCount == 0)
    }

    @Test(arguments: ["/chat/1", "/chat/none", "/nope/1"])
    func acknowledgesALeaveOfAChannelOneIsNotIn(_ channel: String) throws {
        let (pond, _, _) = try self.room()
        let carol = try pond.test.connect("/socket")
        for _ in 0..<2 {
            let id = carol.leave(channel)
            let answer = try #require(carol.receive())
            #expect(answer.event == "EXIT_ACKNOWLEDGE")
            #expect(answer.channelName == channel)
            #expect(answer.requestId == id)
        }
    }

    @Test(arguments: [true, false])
    func takesAnyEndOfASocketForALeave(_ clean: Bool) throws {
        let (pond, alice, bob) = try self.room()
        if clean { bob.close() } else { bob.abort() }
        #expect(alice.receiveAll().map(\.event) == ["LEAVE"])
        #expect(pond.connectionCount == 1)
        alice.abort()
        pond.test.run()
        #expect(pond.connectionCount == 0)
        #expect(pond.channelCount == 0)
    }

    @Test func tellsTheVictimOfAnEvictionAndThenTheOthers() throws {
        let (_, alice, bob) = try self.room()
        alice.send("/chat/1", "kick", ["userId": .string(bob.userId), "reason": "rude"])
        let notice = bob.receiveAll()
        #expect(notice.map(\.event) == ["EVICTED"])
        #expect(notice.first?.action == .system)
        #expect(notice.first?.payload.description == #"{"reason":"rude"}"#)
        #expect(alice.receiveAll().map(\.event) == ["LEAVE"])
        bob.send("/chat/1", "message")
        #expect(bob.receive()?.event == "NOT_FOUND")
        bob.join("/chat/1")
        #expect(bob.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN"])
        alice.send("/chat/1", "kick", ["userId": "no-such-user"])
        #expect(alice.receiveAll().map(\.event) == ["JOIN"])
    }

    @Test func runsLeaveHandlersAfterTheRemovalWithTheReason() throws {
        var options = PondOptions()
        options.limits.sessionGrace = .zero
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(assigns: ["name": "a"]) }
        let lobby = try endpoint.createChannel("/room") { context in
            context.accept()
            try context.track(["here": true])
        }
        let seen = Lock<[String]>([])
        lobby.onLeave { context in
            seen.withLock {
                $0.append("\(context.reason.rawValue) \(context.remaining) \(context.user.presence?["here"] == true)")
            }
            context.broadcast("gone", ["id": .string(context.user.id)])
            context.broadcast("again", [:])
        }
        try lobby.onMessage("kick") { $0.evict($0.user.id) }
        let stays = try pond.test.connect("/socket")
        stays.join("/room")
        let others = try (0..<3).map { _ in try pond.test.connect("/socket") }
        for other in others { other.join("/room") }
        _ = stays.receiveAll()
        others[0].leave("/room")
        #expect(stays.receiveAll().map(\.event) == ["LEAVE", "gone"])
        others[1].abort()
        #expect(stays.receiveAll().map(\.event) == ["LEAVE", "gone"])
        others[2].send("/room", "kick")
        #expect(stays.receiveAll().map(\.event) == ["LEAVE", "gone"])
        #expect(
            seen.withLock { $0 } == ["explicit_leave 3 true", "connection_closed 2 true", "evicted 1 true"]
        )
    }
}
