import PondKit
import PondTesting
import Testing

@Suite struct MessageTests {
    /// Alice, Bob and Carol in one channel, with nothing left to read.
    private func room(_ channel: String = "/chat/1") throws -> (PondSocket, [PondTestSession]) {
        let pond = try TracedApplication.make()
        let names = ["alice", "bob", "carol"]
        let sessions = try names.map { try pond.test.connect("/socket?username=\($0)") }
        for session in sessions { session.join(channel) }
        for session in sessions { _ = session.receiveAll() }
        return (pond, sessions)
    }

    @Test func broadcastsToEveryMemberUnderOneFreshId() throws {
        let (_, members) = try self.room()
        let id = members[0].send("/chat/1", "message", ["text": "hello"])
        let received = members.map { $0.receiveAll() }
        for messages in received {
            #expect(messages.count == 1)
            #expect(messages[0].action == .broadcast)
            #expect(messages[0].event == "message")
            #expect(messages[0].payload.description == #"{"text":"hello","from":"alice"}"#)
        }
        let ids = Set(received.map { $0[0].requestId })
        #expect(ids.count == 1)
        #expect(!ids.contains(id))
    }

    @Test func broadcastsToEveryoneButTheSender() throws {
        let (_, members) = try self.room()
        members[0].send("/chat/1", "others", ["text": "hello"])
        #expect(members.map { $0.receiveAll().map(\.event) } == [[], ["others"], ["others"]])
    }

    @Test func broadcastsToTheNamedAndPassesOverNobody() throws {
        let (_, members) = try self.room()
        members[0].send("/chat/1", "whisper", ["text": "psst", "to": .string(members[1].userId)])
        #expect(members.map { $0.receiveAll().map(\.event) } == [[], ["whisper"], []])
        members[0].send("/chat/1", "whisper", ["text": "psst", "to": "no-such-user"])
        #expect(members.map { $0.receiveAll().map(\.event) } == [[], [], []])
    }

    @Test func repliesToTheSenderAloneUnderTheRequestsId() throws {
        let (_, members) = try self.room()
        let id = members[0].send("/chat/1", "ping", ["n": 1, "nested": ["a": [1, 2, nil, true, 1.5, "é"]]])
        let reply = try #require(members[0].receive())
        #expect(reply.action == .system)
        #expect(reply.event == "pong")
        #expect(reply.requestId == id)
        #expect(reply.payload.description == #"{"n":1,"nested":{"a":[1,2,null,true,1.5,"é"]}}"#)
        #expect(members[1].receive() == nil)
    }

    @Test func saysNothingForAHandlerThatDoesNothing() throws {
        let (_, members) = try self.room()
        members[0].send("/chat/1", "silent")
        #expect(members[0].receive() == nil)
    }

    @Test func answersAnEventWithoutAHandler() throws {
        let (_, members) = try self.room()
        let id = members[0].send("/chat/1", "nosuch")
        let answer = try #require(members[0].receive())
        #expect(answer.action == .error)
        #expect(answer.event == "HANDLER_NOT_FOUND")
        #expect(answer.channelName == "/chat/1")
        #expect(answer.requestId == id)
        #expect(answer.payload["code"] == "HANDLER_NOT_FOUND")
        #expect(answer.payload["status"] == 404)
    }

    @Test func answersAHandlerThatThrewInGeneralWordsAndGoesOn() throws {
        let (_, members) = try self.room()
        let id = members[0].send("/chat/1", "crash")
        let answer = try #require(members[0].receive())
        #expect(answer.action == .error)
        #expect(answer.event == "INTERNAL_SERVER_ERROR")
        #expect(answer.requestId == id)
        #expect(answer.payload["status"] == 500)
        #expect(answer.payload["message"] == "Internal Server Error")
        members[0].send("/chat/1", "ping")
        #expect(members[0].receive()?.event == "pong")
    }

    @Test(arguments: ["/chat/other", "/chat/nobody", "/nope/1"])
    func answersABroadcastToAChannelOneIsNotIn(_ channel: String) throws {
        let (pond, members) = try self.room("/chat/other")
        let dave = try pond.test.connect("/socket")
        let id = dave.send(channel, "message")
        let answer = try #require(dave.receive())
        #expect(answer.action == .system)
        #expect(answer.event == "NOT_FOUND")
        #expect(answer.channelName == channel)
        #expect(answer.requestId == id)
        #expect(answer.payload["channel"]?.string == channel)
        #expect(answer.payload["code"] == 404)
        #expect(members[0].receive() == nil)
    }

    @Test func keepsTheOrderOfABurstForEveryMember() throws {
        let (_, members) = try self.room("/bench/1")
        for index in 0..<40 { members[index % 3].send("/bench/1", "message", ["i": .int(Int64(index))]) }
        let seen = members.map { $0.receiveAll().map { $0.payload["i"]?.int } }
        #expect(seen[0] == Array(0..<40))
        #expect(seen[1] == seen[0])
        #expect(seen[2] == seen[0])
    }

    @Test(arguments: [
        ("{\"action\":", nil),
        ("[1,2]", nil),
        ("\"text\"", nil),
        (#"{"action":"BROADCAST","event":"ping","channelName":"/chat/1","requestId":"r","payload":[]}"#, "r"),
        (#"{"action":"EXPLODE","event":"ping","channelName":"/chat/1","requestId":"r","payload":{}}"#, "r"),
        (#"{"action":"BROADCAST","event":"","channelName":"/chat/1","requestId":"r","payload":{}}"#, "r"),
        (#"{"action":"BROADCAST","channelName":"/chat/1","requestId":"r","payload":{}}"#, "r"),
        (#"{"action":"BROADCAST","event":"ping","channelName":"/chat/1","requestId":"","payload":{}}"#, nil),
    ])
    func answersWhatIsNoMessageAndStaysAlive(_ text: String, _ requestId: String?) throws {
        let (_, members) = try self.room()
        members[0].send(text: text)
        let answer = try #require(members[0].receive())
        #expect(answer.action == .error)
        #expect(answer.event == "INVALID_MESSAGE")
        #expect(answer.channelName == "GATEWAY")
        if let requestId { #expect(answer.requestId == requestId) }
        #expect(!answer.requestId.isEmpty)
        #expect(answer.payload["code"] == "INVALID_MESSAGE")
        #expect(answer.payload["status"] == 400)
        #expect(answer.payload["error"] == answer.payload["message"])
        members[0].send("/chat/1", "ping")
        #expect(members[0].receive()?.event == "pong")
    }

    @Test func takesSeveralMessagesOfOneFrame() throws {
        let (_, members) = try self.room()
        let message = ClientMessage(action: .broadcast, event: "ping", channelName: "/chat/1", requestId: "a")
        let text = String(decoding: message.encoded(), as: UTF8.self)
        members[0].send(text: text + "\n" + text + "\n")
        #expect(members[0].receiveAll().map(\.event) == ["pong", "pong"])
    }

    @Test func refusesMessagesAboveTheRateAndServesOthers() throws {
        let pond = try TracedApplication.make { options in
            options.limits.messageBurst = 3
            options.limits.messagesPerSecond = 2
        }
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        alice.join("/bench/1")
        bob.join("/bench/1")
        for _ in 0..<3 { alice.send("/bench/1", "echo") }
        let answers = alice.receiveAll()
        #expect(answers.map(\.event) == ["ACKNOWLEDGE", "echo", "echo", "CHANNEL_ERROR"])
        #expect(answers.last?.payload["status"] == 429)
        #expect(answers.last?.payload["retryAfter"]?.double == 0.5)
        bob.send("/bench/1", "echo")
        #expect(bob.receiveAll().map(\.event) == ["ACKNOWLEDGE", "echo"])
        pond.test.advance(by: .milliseconds(500))
        alice.send("/bench/1", "echo")
        #expect(alice.receiveAll().map(\.event) == ["echo"])
    }

    @Test func theHandlerThatWasRegisteredFirstWinsWhicheverNamesTheEventExactly() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("early") { $0.reply("exact") }
        try lobby.onMessage("*") { $0.reply("pattern") }
        try lobby.onMessage("late") { $0.reply("exact") }
        let session = try pond.test.connect("/socket")
        session.join("/room/1")
        for event in ["early", "late", "other"] { session.send("/room/1", event) }
        #expect(session.receiveAll().map(\.event) == ["ACKNOWLEDGE", "exact", "pattern", "pattern"])
    }
}
