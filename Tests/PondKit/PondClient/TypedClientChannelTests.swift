import PondKit
import Testing

@Suite struct TypedClientChannelTests {
    enum Chat: ChannelSchema {
        struct JoinParams: Codable, Sendable { var nickname: String }
        struct Presence: Codable, Sendable, Equatable { var nickname: String }
        struct Text: Codable, Sendable, Equatable { var text: String }
        struct Receipt: Codable, Sendable, Equatable { var number: Int }

        static let say = Event<Text, Receipt>("say")
        static let said = Event<Text, NoReply>("said")
    }

    @Test func carriesTheTypesOfItsSchema() async throws {
        let stage = try ClientStage()
        stage.connect()
        let chat = try stage.client.createChannel(Chat.self, "/chat/1", params: Chat.JoinParams(nickname: "ann"))
        let heard = Seen<Chat.Text>()
        let joined = Seen<Chat.Presence>()
        chat.onMessageEvent(Chat.said) { heard.add($0) }
        chat.onJoin { joined.add($0.presence) }
        chat.channel.join()
        stage.run()
        #expect(stage.acknowledge()?.payload == ["nickname": "ann"])
        stage.say(.broadcast, "said", "/chat/1", payload: ["text": "hi"])
        stage.say(.broadcast, "said", "/chat/1", payload: ["text": 7])
        stage.say(.presence, "JOIN", "/chat/1", payload: ["id": "b", "changed": ["nickname": "bob"]])
        #expect(heard.values == [Chat.Text(text: "hi")])
        #expect(joined.values == [Chat.Presence(nickname: "bob")])
        #expect(chat.members.map(\.id) == ["b"])
        #expect(stage.errors.map(\.kind) == [.invalidMessage])
        #expect(stage.errors.first?.channel == "/chat/1")

        let task = Task { try await chat.sendForResponse(Chat.say, Chat.Text(text: "hello")) }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        let request = try #require(stage.take().first)
        #expect(request.event == "say")
        #expect(request.payload == ["text": "hello"])
        stage.say(.system, "said it", "/chat/1", request.requestId, payload: ["number": 3])
        #expect(try await task.value == Chat.Receipt(number: 3))
    }

    @Test func throwsWhereAReplyHasAnotherShape() async throws {
        let stage = try ClientStage()
        stage.connect()
        let chat = TypedClientChannel<Chat>(stage.join())
        let task = Task { try await chat.sendForResponse(Chat.say, Chat.Text(text: "hello")) }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        let request = try #require(stage.take().first)
        stage.say(.system, "say", "/chat/1", request.requestId, payload: ["number": "three"])
        await #expect(throws: PondError.self) { try await task.value }
    }

    @Test func givesTheValuesAndMembersOfItsSchemaAsSequences() async throws {
        let stage = try ClientStage()
        stage.connect()
        let chat = TypedClientChannel<Chat>(stage.join())
        let errors = stage.client.errors
        let values = chat.values(of: Chat.said)
        let lists = chat.memberLists
        stage.say(.broadcast, "said", "/chat/1", payload: ["text": "hi"])
        stage.say(.broadcast, "other", "/chat/1", payload: ["text": "not of this event"])
        stage.say(.broadcast, "said", "/chat/1", payload: ["text": 7])
        stage.say(.broadcast, "said", "/chat/1", payload: ["text": "there"])
        stage.say(.presence, "JOIN", "/chat/1", payload: ["id": "b", "changed": ["nickname": "bob"]])
        chat.leave()
        stage.run()
        var texts: [String] = []
        for await value in values { texts.append(value.text) }
        #expect(texts == ["hi", "there"])
        var members: [[String?]] = []
        for await list in lists { members.append(list.map(\.id)) }
        #expect(members == [[], ["b"]])
        for await error in errors {
            #expect(error.kind == .invalidMessage)
            break
        }
    }
}
