import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

/// Whoever takes a free name is somebody else than whoever had it before.
@Suite(.timeLimit(.minutes(1))) struct OwnershipTests {
    private let general = "/lobby/general"
    private let pair = "/dm/alice~bob"
    private let directory = ChatChannel.directoryPath

    /// A conversation with bob that the first alice has left, and bob is still in.
    private struct Left {
        let fixture: ChatFixture
        let bob: ChatPeer
        let first: ChatPeer
        let secret: ChatMessage
        let answer: ChatMessage
    }

    private func left() async throws -> Left {
        let fixture = try await ChatFixture()
        let bob = try await fixture.connect("bob", to: self.pair)
        let first = try await fixture.connect("alice", to: self.pair)
        let secret = try await first.say(self.pair, "secret one")
        let answer = try await bob.say(self.pair, "secret two")
        try first.send(self.pair, MarkRead(upTo: answer.id))
        _ = try await first.next(ReadState.self)
        try first.send(self.pair, EditMessage(id: secret.id, text: "secret three"))
        _ = try await bob.next(MessageEdited.self)
        first.session.close()
        fixture.advance(by: NameOwner.grace + .seconds(5))
        return Left(fixture: fixture, bob: bob, first: first, secret: secret, answer: answer)
    }

    /// Joins with the position before everything; what is replayed.
    private func replay(_ channel: String, to peer: ChatPeer) async throws -> (JSONObject, [ServerMessage]) {
        let request = peer.session.join(channel)
        let epoch = try #require(try await peer.answer(to: request).payload["epoch"]?.string)
        _ = try await peer.next(Welcome.self)
        peer.session.leave(channel)
        _ = try await peer.receive { $0.event == "EXIT_ACKNOWLEDGE" }
        peer.forget()
        let again = peer.session.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: channel,
                requestId: PondID.uuid(),
                recover: StreamPosition(epoch: epoch, offset: 0)
            )
        )
        let answer = try await peer.answer(to: again).payload.json.object ?? [:]
        var replayed: [ServerMessage] = []
        while true {
            let message = try await peer.receive { $0.event == Welcome.event || $0.action == .broadcast }
            if message.event == Welcome.event { return (answer, replayed) }
            replayed.append(message)
        }
    }

    @Test func recoveryReplaysNothingOfAnEarlierOwnerOfTheName() async throws {
        let left = try await self.left()
        let second = try await left.fixture.connect("alice")
        let (answer, replayed) = try await self.replay(self.pair, to: second)
        #expect(answer["recovered"]?.bool == true)
        #expect(replayed.allSatisfy { !$0.payload.json.text.contains("secret") }, "\(replayed)")
        #expect(replayed.allSatisfy { $0.event != ReadState.event }, "\(replayed)")
        // What is said from here on is replayed to this owner.
        let mine = try await second.say(self.pair, "hello")
        let hers = try await left.bob.say(self.pair, "hello yourself")
        second.session.leave(self.pair)
        let (_, more) = try await self.replay(self.pair, to: second)
        let ids = more.filter { $0.event == ChatMessage.event }.compactMap { $0.payload["id"]?.string }
        #expect(ids == [mine.id.text, hers.id.text])
        // The other one of the conversation sees all of it.
        left.bob.session.leave(self.pair)
        let (_, all) = try await self.replay(self.pair, to: left.bob)
        #expect(all.filter { $0.event == ChatMessage.event }.count == 4)
    }

    @Test func claimingANameGivesNothingOfAnEarlierOwner() async throws {
        let left = try await self.left()
        let taker = try await left.fixture.connect("alice")
        try await taker.join(self.directory)
        let claimed = try await taker.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        let owner = try await left.fixture.connect("alice", token: claimed.token)
        let welcome = try await owner.join(self.pair, JoinOptions(history: 50))
        #expect(welcome?.history?.messages.isEmpty == true && welcome?.history?.hasOlder == false)
        #expect(welcome?.read == ReadState(upTo: nil, unread: 0, mentions: 0))
        for peer in [owner, taker] {
            if peer === taker { try await peer.join(self.pair) }
            #expect(try await peer.ask(self.pair, HistoryRequest(), HistoryPage.self).messages.isEmpty)
            #expect(try await peer.ask(self.pair, SearchRequest(query: "secret"), SearchPage.self).messages.isEmpty)
            for request in [HistoryRequest(before: left.answer.id), HistoryRequest(around: left.secret.id)] {
                await expectRefusal(404) { _ = try await peer.ask(self.pair, request, HistoryPage.self) }
            }
            await expectRefusal(404) {
                _ = try await peer.ask(self.pair, MarkRead(upTo: left.answer.id), ReadState.self)
            }
            await expectRefusal(403) {
                let edit = EditMessage(id: left.secret.id, text: "mine")
                _ = try await peer.ask(self.pair, edit, MessageEdited.self)
            }
            await expectRefusal(403) {
                _ = try await peer.ask(self.pair, RemoveMessage(id: left.secret.id), MessageRemoved.self)
            }
        }
        owner.session.leave(self.pair)
        let (_, replayed) = try await self.replay(self.pair, to: owner)
        #expect(replayed.allSatisfy { !$0.payload.json.text.contains("secret") }, "\(replayed)")
    }

    @Test func ownersKeepWhatTheySaidWhenTheyClaimTheName() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice", to: self.pair)
        let said = try await alice.say(self.pair, "mine")
        try await alice.join(self.directory)
        let claimed = try await alice.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        let again = try await fixture.connect("alice", token: claimed.token)
        let welcome = try await again.join(self.pair, JoinOptions(history: 10))
        #expect(welcome?.history?.messages.map(\.id) == [said.id])
        try again.send(self.pair, EditMessage(id: said.id, text: "still mine"))
        #expect(try await again.next(MessageEdited.self).text == "still mine")
    }

    @Test func aReturningOwnerSeesNothingOfWhoHadTheNameMeanwhile() async throws {
        let left = try await self.left()
        let second = try await left.fixture.connect("alice", to: self.pair)
        _ = try await second.say(self.pair, "between")
        second.session.close()
        left.fixture.advance(by: NameOwner.grace + .seconds(5))
        let first = try await left.fixture.connect("alice", token: left.first.identity.token)
        let welcome = try await first.join(self.pair, JoinOptions(history: 10))
        #expect(welcome?.history?.messages.map(\.id) == [left.secret.id, left.answer.id])
        first.session.leave(self.pair)
        let (_, replayed) = try await self.replay(self.pair, to: first)
        #expect(replayed.allSatisfy { !$0.payload.json.text.contains("between") }, "\(replayed)")
    }

    @Test func messagesInRoomsBelongToTheOwnerWhoWroteThem() async throws {
        let fixture = try await ChatFixture()
        let first = try await fixture.connect("alice", to: self.general)
        let said = try await first.say(self.general, "mine", id: "m1")
        first.session.close()
        fixture.advance(by: NameOwner.grace + .seconds(5))
        let second = try await fixture.connect("alice", to: self.general)
        try await second.join(self.directory)
        _ = try await second.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        await expectRefusal(403) {
            _ = try await second.ask(self.general, EditMessage(id: said.id, text: "yours"), MessageEdited.self)
        }
        await expectRefusal(403) {
            _ = try await second.ask(self.general, RemoveMessage(id: said.id), MessageRemoved.self)
        }
        // An id that the earlier owner used is taken, and not the new owner's own.
        await expectRefusal(409) { _ = try await second.say(self.general, "guess", id: "m1") }
    }

    @Test func aTakenMessageIDTellsNothingOfAnEarlierOwnersMessage() async throws {
        let left = try await self.left()
        let second = try await left.fixture.connect("alice", to: self.pair)
        await expectRefusal(409) { _ = try await second.say(self.pair, "guess", id: left.secret.id.text) }
        #expect(second.session.receiveAll().allSatisfy { !$0.payload.json.text.contains("secret") })
    }

    @Test func aMessageToAFreeNameWaitsForTheLastOneWhoHadItInTheConversation() async throws {
        let left = try await self.left()
        _ = try await left.bob.say(self.pair, "secret for the first")
        let second = try await left.fixture.connect("alice")
        try await second.join(self.directory)
        #expect(!second.has(DirectNotice.self))
        second.session.close()
        left.fixture.advance(by: NameOwner.grace + .seconds(5))
        let first = try await left.fixture.connect("alice", token: left.first.identity.token)
        try await first.join(self.directory)
        #expect(try await first.next(DirectNotice.self).last?.text == "secret for the first")
    }

    @Test func aReleasedAccountLeavesNothingToTheNextOwner() async throws {
        let fixture = try await ChatFixture()
        let first = try await fixture.connect("alice", to: self.pair)
        try await first.join(self.directory)
        _ = try await first.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        _ = try await first.say(self.pair, "secret")
        let alice = try UserName("alice")
        try await fixture.chat.make { [now = fixture.now] _ in
            SharedChange(released: SharedChange.Named(user: alice, at: now))
        }
        fixture.advance(by: .seconds(1))
        #expect(first.session.end != nil)
        let second = try await fixture.connect("alice")
        #expect(!second.identity.claimed)
        fixture.advance(by: .seconds(1))
        await expectRefusal(409) { _ = try await fixture.connect("alice") }
        let (_, replayed) = try await self.replay(self.pair, to: second)
        #expect(replayed.isEmpty)
        #expect(try await second.ask(self.pair, HistoryRequest(), HistoryPage.self).messages.isEmpty)
        let bob = try await fixture.connect("bob", to: self.directory)
        second.session.close()
        fixture.advance(by: NameOwner.grace + .seconds(5))
        await expectRefusal(404) { _ = try await bob.ask(self.directory, WhoIsRequest(user: alice), WhoIs.self) }
    }

    @Test func mentionsOfAnEarlierOwnerAreNotCounted() async throws {
        let fixture = try await ChatFixture()
        let bob = try await fixture.connect("bob", to: self.general)
        let first = try await fixture.connect("alice", to: self.general)
        _ = try await bob.say(self.general, "hello @alice")
        first.session.close()
        fixture.advance(by: NameOwner.grace + .seconds(5))
        let second = try await fixture.connect("alice")
        #expect(try await second.join(self.general)?.read.mentions == 0)
        _ = try await bob.say(self.general, "welcome @alice")
        second.session.leave(self.general)
        #expect(try await second.join(self.general)?.read.mentions == 1)
    }

    @Test func aTokenForAFreeNameDoesNotShareItWithWhoeverTookIt() async throws {
        let fixture = try await ChatFixture()
        let stranger = try await fixture.connect("alice", to: self.pair)
        _ = try await stranger.say(self.pair, "secret")
        let alice = try UserName("alice")
        let token = fixture.chat.tokens.sign(fixture.chat.freshClaims(for: alice, stay: nil, notBefore: nil))
        await expectRefusal(409) { _ = try await fixture.connect("alice", token: token) }
        stranger.session.close()
        fixture.advance(by: NameOwner.grace + .seconds(5))
        let fresh = fixture.chat.tokens.sign(fixture.chat.freshClaims(for: alice, stay: nil, notBefore: nil))
        let bot = try await fixture.connect("alice", token: fresh)
        #expect(try await bot.join(self.pair, JoinOptions(history: 9))?.history?.messages.isEmpty == true)
    }
}
