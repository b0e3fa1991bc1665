import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct ModerationTests {
    private let general = "/lobby/general"

    /// A chat with an admin and a user in one room.
    private func chat() async throws -> (fixture: ChatFixture, admin: ChatPeer, bob: ChatPeer) {
        let fixture = try await ChatFixture { $0.admins = [try? UserName("alice")].compactMap { $0 } }
        let alice = try await fixture.connect("alice")
        try await alice.join(ChatChannel.directoryPath)
        let claim = ClaimName(password: "correct horse")
        let identity = try await alice.ask(ChatChannel.directoryPath, claim, Identity.self)
        #expect(identity.role == .admin)
        try await alice.join(self.general)
        return (fixture, alice, try await fixture.connect("bob", to: self.general))
    }

    private func order(_ action: ModerationAction, seconds: Int? = nil, everywhere: Bool? = nil) throws -> Moderate {
        Moderate(action, user: try UserName("bob"), seconds: seconds, reason: "noise", everywhere: everywhere)
    }

    @Test("A ban of an address ends a session that was resumed from it, and refuses to resume one from it")
    func addressBanOfAResumedSession() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", address: "10.0.0.1", headers: ["Pond-Session": "new"])
        let greeting = try #require(alice.session.greeting)
        let token = try #require(greeting.payload["pond"]?["session"]?.string)
        alice.session.abort()
        let moved = try fixture.driver.connect("/socket", headers: ["Pond-Session": token], address: "20.0.0.1")
        #expect(moved.userId == alice.session.userId)
        let range = try #require(AddressRange("20.0.0.0/8"))
        fixture.chat.keepOut(AddressBan(range: range, until: nil, reason: "that house", at: fixture.now))
        #expect(moved.end?.code == 4003)
        let bob = try await fixture.connect("bob", address: "10.0.0.2", headers: ["Pond-Session": "new"])
        let other = try #require(bob.session.greeting?.payload["pond"]?["session"]?.string)
        bob.session.abort()
        await expectRefusal(403) {
            _ = try fixture.driver.connect("/socket", headers: ["Pond-Session": other], address: "20.0.0.2")
        }
    }

    @Test("A user may not keep order, and nobody may moderate who does not exist to be moderated")
    func users() async throws {
        let (_, _, bob) = try await self.chat()
        let kick = Moderate(.kick, user: try UserName("alice"))
        await expectRefusal(403) { _ = try await bob.ask(self.general, kick, Moderated.self) }
        await expectRefusal(403) { _ = try await bob.ask(self.general, SetTopic(topic: "x"), TopicChanged.self) }
    }

    @Test func aModeratorCannotBanAnAdminOfTheConfigurationWhoIsAway() async throws {
        let (fixture, alice, bob) = try await self.chat()
        try await bob.join(ChatChannel.directoryPath)
        _ = try await bob.ask(ChatChannel.directoryPath, ClaimName(password: "correct horse"), Identity.self)
        let role = Moderate(.role, user: try UserName("bob"), role: .moderator)
        try alice.send(self.general, role)
        _ = try await bob.next(Moderated.self)
        alice.session.close()
        fixture.advance(by: .seconds(120))
        let ban = Moderate(.ban, user: try UserName("alice"))
        await expectRefusal(403) { _ = try await bob.ask(self.general, ban, Moderated.self) }
    }

    @Test func aMutedUserShowsNoTextInAnyOtherWay() async throws {
        let (fixture, alice, bob) = try await self.chat()
        let said = try await bob.say(self.general, "before")
        try await bob.join("/lobby/made")
        try alice.send(self.general, try self.order(.mute, everywhere: true))
        _ = try await bob.next(Moderated.self)
        let status = SetStatus(status: .away, statusText: "you will read this")
        await expectRefusal(403) { _ = try await bob.ask(self.general, status, Welcome.self) }
        let edit = EditMessage(id: said.id, text: "after")
        await expectRefusal(403) { _ = try await bob.ask(self.general, edit, MessageEdited.self) }
        let remove = RemoveMessage(id: said.id, reason: "and this")
        await expectRefusal(403) { _ = try await bob.ask(self.general, remove, MessageRemoved.self) }
        await expectRefusal(403) {
            _ = try await bob.ask("/lobby/made", SetTopic(topic: "and that"), TopicChanged.self)
        }
        await expectRefusal(403) { try await bob.join("/lobby/a-room-named-to-be-read") }
        let other = try await fixture.connect("bob", token: bob.identity.token)
        let welcome = try await other.join(self.general, JoinOptions(statusText: "or this"))
        #expect(welcome != nil)
        let handle = try #require(fixture.pond.channel(ConnectionParameters.endpoint, self.general))
        let shown = Lock<[JSONObject]?>(nil)
        Task {
            let presences = await handle.presence().map(\.presence)
            shown.withLock { $0 = presences }
        }
        while shown.withLock({ $0 }) == nil {
            fixture.advance(by: .zero)
            await Task.yield()
        }
        #expect(shown.withLock { $0 }?.count == 2)
        #expect(shown.withLock { $0 }?.allSatisfy { $0["statusText"] == nil } == true)
    }

    @Test func editsAndTopicsCountInSlowMode() async throws {
        let (fixture, alice, bob) = try await self.chat()
        let said = try await bob.say(self.general, "one")
        try alice.send(self.general, Moderate(.slow, seconds: 30))
        _ = try await bob.next(Moderated.self)
        try bob.send(self.general, EditMessage(id: said.id, text: "two"))
        #expect(try await bob.next(MessageEdited.self).text == "two")
        let edit = EditMessage(id: said.id, text: "three")
        await expectRefusal(429) { _ = try await bob.ask(self.general, edit, MessageEdited.self) }
        fixture.advance(by: .seconds(31))
        try bob.send(self.general, edit)
        #expect(try await bob.next(MessageEdited.self).text == "three")
    }

    @Test("A muted user reads and does not write, until it is over")
    func mute() async throws {
        let (fixture, alice, bob) = try await self.chat()
        try alice.send(self.general, try self.order(.mute, seconds: 60))
        #expect(try await bob.next(Moderated.self).until == fixture.now + .seconds(60))
        await expectRefusal(403) { try await bob.say(self.general, "hey") }
        try await alice.say(self.general, "quiet")
        #expect(try await bob.next(ChatMessage.self).text == "quiet")
        fixture.advance(by: .seconds(61))
        try await bob.say(self.general, "sorry")
        try alice.send(self.general, try self.order(.mute))
        _ = try await bob.next(Moderated.self)
        try alice.send(self.general, try self.order(.unmute))
        _ = try await bob.next(Moderated.self)
        try await bob.say(self.general, "again")
    }

    @Test("A kicked user is out and may come back; a banned one may not, until the ban is lifted")
    func ban() async throws {
        let (_, alice, bob) = try await self.chat()
        try alice.send(self.general, try self.order(.kick))
        #expect(try await bob.receive { $0.event == "EVICTED" }.payload["reason"] == "noise")
        try await bob.join(self.general)
        try alice.send(self.general, try self.order(.ban))
        _ = try await bob.receive { $0.event == "EVICTED" }
        await expectRefusal(403) { try await bob.join(self.general) }
        try await bob.join("/lobby/other")
        try alice.send(self.general, try self.order(.unban))
        _ = try await alice.receive { $0.event == Moderated.event && $0.payload["action"] == "unban" }
        try await bob.join(self.general)
    }

    @Test("A ban everywhere ends the connections and lets nobody of that name in")
    func banEverywhere() async throws {
        let (fixture, alice, bob) = try await self.chat()
        try alice.send(self.general, try self.order(.ban, everywhere: true))
        _ = try await alice.next(Moderated.self)
        while bob.session.end == nil { await Task.yield() }
        await expectRefusal(403) { _ = try await fixture.connect("bob", token: bob.identity.token) }
    }

    @Test("A ban of addresses ends their connections and lets nobody in from there, under any name")
    func banOfAddresses() async throws {
        let (fixture, _, _) = try await self.chat()
        let eve = try await fixture.connect("eve", address: "203.0.113.9")
        let range = try #require(AddressRange("203.0.113.0/24"))
        try await fixture.chat.impose(
            AddressBan(range: range, until: fixture.now + .seconds(60), reason: "enough", at: fixture.now)
        )
        while eve.session.end == nil { await Task.yield() }
        #expect(eve.session.end?.reason == "enough")
        await expectRefusal(403) { _ = try await fixture.connect("other", address: "203.0.113.10") }
        _ = try await fixture.connect("friend", address: "203.0.114.9")
        fixture.advance(by: .seconds(60))
        _ = try await fixture.connect("other", address: "203.0.113.10")
    }

    @Test("In slow mode a user speaks once in a while, a moderator when they like")
    func slow() async throws {
        let (fixture, alice, bob) = try await self.chat()
        try alice.send(self.general, Moderate(.slow, seconds: 30))
        #expect(try await bob.next(Moderated.self).seconds == 30)
        try await bob.say(self.general, "one")
        await expectRefusal(429) { try await bob.say(self.general, "two") }
        try await alice.say(self.general, "I may")
        try await alice.say(self.general, "I may")
        fixture.advance(by: .seconds(31))
        try await bob.say(self.general, "three")
    }

    @Test("A role goes to claimed names only, and gives what it should at once")
    func roles() async throws {
        let (_, alice, bob) = try await self.chat()
        let promote = Moderate(.role, user: try UserName("bob"), role: .moderator)
        await expectRefusal(409) { _ = try await alice.ask(self.general, promote, Moderated.self) }
        try await bob.join(ChatChannel.directoryPath)
        _ = try await bob.ask(ChatChannel.directoryPath, ClaimName(password: "battery staple"), Identity.self)
        try alice.send(self.general, promote)
        #expect(try await bob.next(Moderated.self).role == .moderator)
        try bob.send(self.general, SetTopic(topic: "order"))
        #expect(try await alice.next(TopicChanged.self).topic == "order")
    }

    @Test("Everyone sees a new role at once, and the rest of what its user shows stays")
    func shownRole() async throws {
        let (_, alice, bob) = try await self.chat()
        try await bob.join(ChatChannel.directoryPath)
        _ = try await bob.ask(ChatChannel.directoryPath, ClaimName(password: "bob's horse"), Identity.self)
        try bob.send(self.general, SetStatus(status: .away, statusText: "lunch"))
        _ = try await alice.receive { $0.payload["changed"]?["statusText"]?.string == "lunch" }
        try alice.send(self.general, Moderate(.role, user: try UserName("bob"), role: .moderator))
        let news = try await alice.receive { $0.payload["changed"]?["role"]?.string == "moderator" }
        #expect(news.event == "UPDATE" && news.payload["changed"]?["statusText"]?.string == "lunch")
    }

    @Test("A moderator removes anyone's message")
    func remove() async throws {
        let (_, alice, bob) = try await self.chat()
        let message = try await bob.say(self.general, "buy now")
        try alice.send(self.general, RemoveMessage(id: message.id, reason: "spam"))
        #expect(try await bob.next(MessageRemoved.self).by.text == "alice")
    }
}
