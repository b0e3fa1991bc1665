import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct ChatServerTests {
    private let general = "/lobby/general"

    @Test("Two people talk: each hears both, in one order, with server time and mentions")
    func talk() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("Alice", to: self.general)
        let bob = try await fixture.connect("bob", to: self.general)
        let first = try await alice.say(self.general, "hello @bob \u{202E}")
        let second = try await bob.say(self.general, "hi")
        #expect(first.text == "hello @bob \u{FFFD}" && first.mentions?.map(\.text) == ["bob"])
        #expect(first.at == fixture.now && first.sender.text == "Alice")
        #expect(try await alice.next(ChatMessage.self) == second)
        #expect(try await bob.next(ChatMessage.self).id == first.id)
    }

    @Test("Presence shows each user once, whatever the devices, and leaves with the last one")
    func presence() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        let first = try await fixture.connect("bob", to: self.general)
        let second = try await fixture.connect("bob", token: first.identity.token)
        try await second.join(self.general, JoinOptions(status: .busy, statusText: "lunch"))
        let last = try await alice.receive { $0.event == "UPDATE" }
        #expect(last.payload["presence"]?.array?.count == 2)
        #expect(last.payload["changed"]?["status"] == "busy" && last.payload["changed"]?["statusText"] == "lunch")
        first.session.close()
        second.session.close()
        let left = try await alice.receive { $0.event == "LEAVE" }
        #expect(left.payload["changed"]?["name"] == "bob")
        #expect(!alice.session.receiveAll().contains { $0.event == "LEAVE" })
    }

    @Test("A status changes for everyone in the room")
    func status() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        let bob = try await fixture.connect("bob", to: self.general)
        try bob.send(self.general, SetStatus(status: .away, statusText: "tea"))
        let update = try await alice.receive { $0.event == "UPDATE" }
        #expect(update.payload["changed"]?["status"] == "away" && update.payload["changed"]?["statusText"] == "tea")
    }

    @Test("A joiner gets the latest messages, topic and read mark with the welcome")
    func welcome() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        for number in 1...5 { try await alice.say(self.general, "text \(number) @bob") }
        let bob = try await fixture.connect("bob")
        let welcome = try await bob.join(self.general, JoinOptions(history: 3))
        #expect(welcome?.history?.messages.map(\.text) == ["text 3 @bob", "text 4 @bob", "text 5 @bob"])
        #expect(welcome?.history?.hasOlder == true)
        #expect(welcome?.read == ReadState(upTo: nil, unread: 5, mentions: 5))
        #expect(welcome?.topic == "Everything and nothing" && welcome?.role == .user)
        let last = try #require(welcome?.history?.messages.last?.id)
        try bob.send(self.general, MarkRead(upTo: last))
        #expect(try await bob.next(ReadState.self) == ReadState(upTo: last, unread: 0, mentions: 0))
    }

    @Test("History comes in pages and by search")
    func history() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        for number in 1...5 { try await alice.say(self.general, "word \(number)", id: "m\(number)") }
        let before = HistoryRequest(before: try MessageID("m4"), limit: 2)
        let page = try await alice.ask(self.general, before, HistoryPage.self)
        #expect(page.messages.map(\.id.text) == ["m2", "m3"] && page.hasOlder && page.hasNewer)
        let found = try await alice.ask(self.general, SearchRequest(query: "word 3"), SearchPage.self)
        #expect(found.messages.map(\.id.text) == ["m3"])
        await expectRefusal(404) {
            _ = try await alice.ask(self.general, HistoryRequest(after: try MessageID("none")), HistoryPage.self)
        }
    }

    @Test("A message sent again under its id is not said twice; an id of another's message is refused")
    func repeated() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        let bob = try await fixture.connect("bob", to: self.general)
        try await alice.say(self.general, "once", id: "m1")
        try await alice.say(self.general, "once", id: "m1")
        _ = try await bob.next(ChatMessage.self)
        #expect(!bob.has(ChatMessage.self))
        await expectRefusal(409) { try await bob.say(self.general, "mine", id: "m1") }
    }

    @Test("A message that is sent again after a lost connection is acknowledged like the first time")
    func repeatedWithAcknowledgement() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        try await alice.say(self.general, "once", id: "m1")
        let again = try await fixture.connect("alice", token: alice.identity.token)
        try await again.join(self.general)
        let text = try SendMessage(id: try MessageID("m1"), text: "once").payload()
        let request = again.session.send(
            ClientMessage(
                action: .broadcast,
                event: SendMessage.event,
                channelName: self.general,
                requestId: "again",
                payload: text,
                wantsAcknowledgement: true
            )
        )
        let answer = try await again.receive { $0.requestId == request && $0.event != ChatMessage.event }
        #expect(answer.event == "DELIVERED", "\(answer.payload)")
    }

    @Test("Only authors edit; authors and moderators remove; everyone hears of both")
    func editing() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        let bob = try await fixture.connect("bob", to: self.general)
        let message = try await alice.say(self.general, "frist")
        try alice.send(self.general, EditMessage(id: message.id, text: "first"))
        #expect(try await bob.next(MessageEdited.self).text == "first")
        await expectRefusal(403) {
            _ = try await bob.ask(self.general, EditMessage(id: message.id, text: "x"), MessageEdited.self)
        }
        await expectRefusal(403) {
            _ = try await bob.ask(self.general, RemoveMessage(id: message.id), MessageRemoved.self)
        }
        try alice.send(self.general, RemoveMessage(id: message.id, reason: "typo"))
        let removed = try await bob.next(MessageRemoved.self)
        #expect(removed.id == message.id && removed.by == message.sender && removed.reason == "typo")
        await expectRefusal(404) {
            _ = try await alice.ask(self.general, EditMessage(id: message.id, text: "x"), MessageEdited.self)
        }
    }

    @Test("Typing is told to the others only, and is not kept")
    func typing() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.general)
        let bob = try await fixture.connect("bob", to: self.general)
        try alice.send(self.general, SetTyping(active: true))
        #expect(try await bob.next(Typing.self) == Typing(user: try UserName("alice"), active: true))
        #expect(!alice.has(Typing.self))
        #expect(try await bob.ask(self.general, HistoryRequest(), HistoryPage.self).messages.isEmpty)
    }

    @Test("The directory lists the rooms and tells live what becomes of them, several changes at once")
    func directory() async throws {
        let fixture = try await ChatFixture()
        let watcher = try await fixture.connect("watcher")
        try await watcher.join(ChatChannel.directoryPath)
        #expect(try await watcher.next(RoomList.self).rooms.map(\.room.text) == ["general"])
        let alice = try await fixture.connect("alice", to: self.general)
        let bob = try await fixture.connect("bob", to: "/lobby/attic")
        fixture.advance(by: .seconds(1))
        let changes = try await watcher.next(RoomsChanged.self)
        #expect(changes.rooms.map(\.room.text) == ["attic", "general"] && changes.rooms.map(\.members) == [1, 1])
        try bob.send("/lobby/attic", SetTopic(topic: "dust"))
        _ = try await bob.next(TopicChanged.self)
        fixture.advance(by: .seconds(1))
        #expect(try await watcher.next(RoomsChanged.self).rooms.map(\.topic) == ["dust"])
        bob.session.close()
        fixture.advance(by: .seconds(1))
        let gone = try await watcher.next(RoomsChanged.self)
        #expect(gone.rooms.isEmpty && gone.gone.map(\.text) == ["attic"])
        #expect(!watcher.has(RoomsChanged.self))
        alice.session.close()
    }

    @Test("A reload makes new rooms and sets topics that changed in the file; topics set by people stay")
    func reload() async throws {
        let fixture = try await ChatFixture()
        let (general, late) = (try RoomName("general"), try RoomName("late"))
        try await fixture.chat.change(general) { $0.topic = "Ours" }
        let alice = try await fixture.connect("alice", to: self.general)
        var configuration = fixture.chat.configuration
        configuration.rooms.append(ConfiguredRoom(room: late, topic: "Later"))
        configuration.messageBurst = 1
        configuration.messagesPerSecond = 0.01
        try await fixture.chat.reload(configuration, tokens: fixture.chat.tokens)
        let rooms = fixture.chat.rooms.list.rooms
        #expect(rooms.map(\.topic) == ["Ours", "Later"] && rooms.allSatisfy(\.permanent))
        configuration.rooms[0].topic = "From the file"
        try await fixture.chat.reload(configuration, tokens: fixture.chat.tokens)
        #expect(try await alice.next(TopicChanged.self).topic == "From the file")
        try await alice.say(self.general, "one")
        await expectRefusal(429) { try await alice.say(self.general, "two") }
    }

    @Test func aReloadForgivesNobody() async throws {
        let fixture = try await ChatFixture {
            $0.messageBurst = 2
            $0.messagesPerSecond = 0.01
        }
        let alice = try await fixture.connect("alice", to: self.general)
        try await alice.say(self.general, "one")
        try await alice.say(self.general, "two")
        try await fixture.chat.reload(fixture.chat.configuration, tokens: fixture.chat.tokens)
        await expectRefusal(429) { try await alice.say(self.general, "three") }
    }

    @Test("A conversation is for its two alone; the other one hears of it wherever they are")
    func conversation() async throws {
        let fixture = try await ChatFixture()
        let pair = "/dm/alice~bob"
        let bob = try await fixture.connect("bob")
        try await bob.join(ChatChannel.directoryPath)
        let alice = try await fixture.connect("alice", to: pair)
        let eve = try await fixture.connect("eve")
        await expectRefusal(403) { try await eve.join(pair) }
        await expectRefusal(404) { try await eve.join("/dm/eve~bob") }
        try await alice.say(pair, "psst")
        let notice = try await bob.next(DirectNotice.self)
        #expect(notice.with.text == "alice" && notice.unread == 1 && notice.last?.text == "psst")
        #expect(try await bob.join(pair, JoinOptions(history: 10))?.history?.messages.map(\.text) == ["psst"])
        try await alice.say(pair, "there you are")
        #expect(try await bob.next(ChatMessage.self).text == "there you are")
        #expect(!bob.has(DirectNotice.self))
    }

    @Test("Who is told about, and only to those who are let in")
    func whoIs() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("Alice", to: self.general)
        let bob = try await fixture.connect("bob")
        try await bob.join(ChatChannel.directoryPath)
        let about = WhoIsRequest(user: try UserName("alice"))
        let answer = try await bob.ask(ChatChannel.directoryPath, about, WhoIs.self)
        #expect(answer.name.text == "Alice" && answer.devices == 1 && answer.rooms.map(\.text) == ["general"])
        await expectRefusal(404) {
            let nobody = WhoIsRequest(user: try UserName("nobody"))
            _ = try await bob.ask(ChatChannel.directoryPath, nobody, WhoIs.self)
        }
        alice.session.close()
    }

    @Test(
        "A channel has one spelling, and only known ones exist",
        arguments: ["/lobby/General", "/lobby/a b", "/x", "/dm/a"]
    )
    func spelling(_ channel: String) async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice")
        await expectRefusal(404) { try await alice.join(channel) }
    }
}
