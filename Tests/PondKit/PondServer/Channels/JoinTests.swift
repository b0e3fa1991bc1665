import PondKit
import PondTesting
import Testing

@Suite struct JoinTests {
    @Test func acknowledgesBeforeAnythingElseUnderTheJoinsId() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket?username=alice")
        let id = alice.join("/chat/1")
        let acknowledgement = try #require(alice.receive())
        #expect(acknowledgement.action == .system)
        #expect(acknowledgement.event == "ACKNOWLEDGE")
        #expect(acknowledgement.channelName == "/chat/1")
        #expect(acknowledgement.requestId == id)
        let presence = try #require(alice.receive())
        #expect(presence.action == .presence)
        #expect(presence.event == "JOIN")
        #expect(
            presence.payload.description == #"{"presence":[{"username":"alice","status":"online"}],"#
                + #""changed":{"username":"alice","status":"online"}}"#
        )
        #expect(alice.receive() == nil)
        #expect(pond.channelCount == 1)
    }

    @Test(arguments: [
        ("/private/1", 403, "Private channel"),
        ("/noreply/1", 401, "Join handler did not respond"),
        ("/crash/1", 500, "Internal Server Error"),
        ("/nope/1", 404, "No channel has this name"),
    ])
    func declinesInTheShapeThatEveryClientTakes(_ channel: String, _ code: Int, _ message: String) throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket")
        let id = alice.join(channel)
        let answer = try #require(alice.receive())
        #expect(answer.action == .system)
        #expect(answer.event == "UNAUTHORIZED")
        #expect(answer.channelName == channel)
        #expect(answer.requestId == id)
        #expect(answer.payload["code"]?.int == code)
        #expect(answer.payload["status"]?.int == code)
        #expect(answer.payload["message"]?.string == message)
        #expect(alice.receive() == nil)
        #expect(pond.channelCount == 0)
        let later = alice.send(channel, "message")
        #expect(alice.receive()?.requestId == later)
    }

    @Test func acknowledgesAMemberAgainWithoutRunningTheHandlerTwice() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket")
        alice.join("/chat/1")
        _ = alice.receiveAll()
        let id = alice.join("/chat/1")
        let answers = alice.receiveAll()
        #expect(answers.map(\.event) == ["ACKNOWLEDGE"])
        #expect(answers.first?.requestId == id)
        alice.send("/chat/1", "ping", ["n": 1])
        #expect(alice.receiveAll().map(\.event) == ["pong"])
    }

    @Test func keepsAChannelsNameAsItIsWritten() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket")
        for name in ["/chat/a?x=1", "/chat/a/", "chat/a", "/chat/%C3%A9", "/chat/a"] {
            let id = alice.join(name)
            let answer = try #require(alice.receive())
            #expect(answer.event == "ACKNOWLEDGE")
            #expect(answer.channelName == name)
            #expect(answer.requestId == id)
            _ = alice.receiveAll()
        }
        #expect(pond.channelCount == 5)
        alice.join("/chat/a/b")
        #expect(alice.receive()?.payload["code"] == 404)
    }

    @Test func handlesWhatFollowsAJoinAfterIt() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket")
        alice.join("/bench/1")
        alice.send("/bench/1", "echo", ["n": 1])
        alice.leave("/bench/1")
        alice.join("/bench/1")
        alice.send("/bench/1", "echo", ["n": 2])
        #expect(
            alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "echo", "EXIT_ACKNOWLEDGE", "ACKNOWLEDGE", "echo"]
        )
    }

    @Test func boundsTheChannelsOfAConnectionAndTheRateOfJoins() throws {
        let pond = try TracedApplication.make { options in
            options.limits.channelsPerConnection = 2
            options.limits.joinBurst = 4
            options.limits.joinsPerSecond = 1
        }
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        for index in 1...5 { alice.join("/bench/\(index)") }
        let answers = alice.receiveAll()
        #expect(answers.map(\.event) == ["ACKNOWLEDGE", "ACKNOWLEDGE", "UNAUTHORIZED", "UNAUTHORIZED", "UNAUTHORIZED"])
        #expect(answers.last?.payload["message"] == "Too many joins")
        #expect(answers.last?.payload["retryAfter"]?.double == 1)
        bob.join("/bench/1")
        #expect(bob.receive()?.event == "ACKNOWLEDGE")
        alice.leave("/bench/1")
        #expect(alice.receive()?.event == "EXIT_ACKNOWLEDGE")
        pond.test.advance(by: .seconds(1))
        alice.join("/bench/5")
        #expect(alice.receive()?.event == "ACKNOWLEDGE")
    }
}
