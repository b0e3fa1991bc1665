import PondKit
import PondTesting
import Testing

@Suite struct TypedChannelTests {
    enum Room: ChannelSchema {
        struct JoinParams: Codable, Sendable { var nickname: String }
        struct Assigns: Codable, Sendable, Equatable { var level: Int }
        struct Presence: Codable, Sendable, Equatable {
            var nickname: String
            var away = false
        }
        struct Text: Codable, Sendable { var text: String }
        struct Draft: Codable, Sendable {
            var text: String
            var tags: [String]
        }
        struct Receipt: Codable, Sendable { var length: Int }

        static let say = Event<Draft, Receipt>("say", reply: "receipt")
        static let said = Event<Text, NoReply>("said")
        static let away = Event<NoPayload, NoReply>("away")
        static let slow = Event<Text, Receipt>("slow")
    }

    private func application() throws -> (PondSocket, TypedLobby<Room>) {
        var options = PondOptions()
        options.log = SilentLog()
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id", of: Room.self) { context in
            try context.accept(assigns: Room.Assigns(level: context.params.nickname.count))
            try context.track(Room.Presence(nickname: context.params.nickname))
        }
        try lobby.onMessage(Room.say) { context in
            try context.broadcastFrom(Room.said, Room.Text(text: context.payload.text))
            try context.reply(Room.Receipt(length: context.payload.tags.count + context.assigns.level))
        }
        try lobby.onMessage(Room.away) { context in
            var mine = try #require(try context.allPresence[context.userId])
            mine.away = true
            try context.updatePresence(mine)
        }
        try lobby.onMessage(Room.slow) { context in
            await Task.yield()
            try context.reply(Room.Receipt(length: context.payload.text.count))
        }
        lobby.onLeave { context in
            let name = try context.presence?.nickname ?? "-"
            try context.broadcast(Room.said, Room.Text(text: "\(name) \(context.assigns.level) \(context.reason)"))
        }
        try lobby.onOutgoing(Room.said) { context in
            if context.payload.text == "secret" { return context.block() }
            try context.transform(Room.Text(text: context.payload.text + "!"))
        }
        return (pond, lobby)
    }

    @Test func speaksTypesOnBothSidesOfAHandler() throws {
        let (pond, _) = try self.application()
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        alice.join("/room/1", ["nickname": "ann"])
        bob.join("/room/1", ["nickname": "bob"])
        _ = (alice.receiveAll(), bob.receiveAll())
        let id = alice.send("/room/1", "say", ["text": "hi", "tags": ["a", "b"]])
        let receipt = try #require(alice.receive())
        #expect(receipt.event == "receipt")
        #expect(receipt.requestId == id)
        #expect(receipt.payload.description == #"{"length":5}"#)
        #expect(bob.receive()?.payload.description == #"{"text":"hi!"}"#)
        alice.send("/room/1", "say", ["text": "secret", "tags": []])
        #expect(bob.receive() == nil)
        bob.send("/room/1", "away")
        let update = alice.receiveAll().last
        #expect(update?.payload["changed"]?.object == ["nickname": "bob", "away": true])
        bob.leave("/room/1")
        #expect(alice.receiveAll().last?.payload["text"] == "bob 3 explicitLeave!")
        alice.send("/room/1", "slow", ["text": "four"])
        #expect(alice.receive()?.payload["length"] == 4)
    }

    @Test func answersAPayloadOfAnotherShapeWithThePlaceOfItsFirstFault() throws {
        let (pond, _) = try self.application()
        let alice = try pond.test.connect("/socket")
        alice.join("/room/1", ["nickname": "ann"])
        _ = alice.receiveAll()
        let faults: [(Payload, String)] = [
            ([:], "text: "), (["text": 1, "tags": []], "text: "), (["text": "x", "tags": ["a", 2]], "tags[1]: "),
        ]
        for (payload, place) in faults {
            let id = alice.send("/room/1", "say", payload)
            let answer = try #require(alice.receive())
            #expect(answer.action == .error)
            #expect(answer.event == "INVALID_MESSAGE")
            #expect(answer.requestId == id)
            #expect(answer.payload["status"] == 400)
            #expect(answer.payload["message"]?.string?.hasPrefix(place) == true, "\(answer.payload)")
            #expect(answer.payload["error"] == answer.payload["message"])
        }
    }

    @Test func declinesAJoinWithParametersOfAnotherShape() throws {
        let (pond, _) = try self.application()
        let alice = try pond.test.connect("/socket")
        alice.join("/room/1", ["nickname": 7])
        let answer = try #require(alice.receive())
        #expect(answer.event == "UNAUTHORIZED")
        #expect(answer.payload["code"] == 400)
        #expect(answer.payload["message"]?.string?.hasPrefix("nickname: ") == true)
    }

    @Test func reachesAChannelFromOutside() async throws {
        let (pond, lobby) = try self.application()
        let loop = try #require(pond.start().first)
        let client = MemoryClient(pond, loop)
        await client.connect("/socket")
        client.send(.joinChannel, "/room/1", "x", ["nickname": "ann"])
        #expect(await client.next()?.event == "ACKNOWLEDGE")
        #expect(await client.next()?.event == "JOIN")
        let channel = try #require(lobby.channel("/room/1"))
        #expect(lobby.channel("/other/1") == nil)
        try channel.broadcast(Room.said, Room.Text(text: "hello"))
        #expect(await client.next()?.payload["text"] == "hello!")
        #expect(try await channel.presence().map(\.presence) == [Room.Presence(nickname: "ann")])
        await pond.stop()
    }
}
