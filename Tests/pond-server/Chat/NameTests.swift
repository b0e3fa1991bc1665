import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct NameTests {
    private let general = "/lobby/general"
    private let directory = ChatChannel.directoryPath

    @Test(
        "A name in use, one that looks like it, a reserved one and no name at all are refused",
        arguments: [
            ("alice", 409), ("ALICE", 409), ("al1ce", 409), ("server", 403), ("a%20b", 400), ("", 400), ("bob", 0),
        ]
    )
    func names(_ name: String, _ status: Int) async throws {
        let fixture = try await ChatFixture()
        _ = try await fixture.connect("alice")
        guard status != 0 else {
            _ = try await fixture.connect(name)
            return
        }
        await expectRefusal(status) { _ = try await fixture.connect(name) }
    }

    @Test("A name waits a while for its user, who comes back with the token; then it is free")
    func grace() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice")
        alice.session.abort()
        fixture.advance(by: .seconds(10))
        await expectRefusal(409) { _ = try await fixture.connect("alice") }
        let again = try await fixture.connect("alice", token: alice.identity.token)
        again.session.abort()
        // The name waits from the end of the session, which itself waits a while for its socket.
        fixture.advance(by: Limits.default.sessionGrace + .seconds(1))
        fixture.advance(by: NameOwner.grace + .seconds(2))
        let thief = try await fixture.connect("alice")
        #expect(!thief.identity.claimed)
        await expectRefusal(409) { _ = try await fixture.connect("alice", token: alice.identity.token) }
    }

    @Test("A claimed name opens nothing but the directory without its password, and everything with it")
    func claimed() async throws {
        let fixture = try await ChatFixture()
        let owner = try await fixture.connect("alice")
        try await owner.join(self.directory)
        let claimed = try await owner.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        #expect(claimed.claimed && claimed.token != nil)
        owner.session.close()
        let other = try await fixture.connect("alice")
        #expect(other.identity.needsPassword && other.identity.token == nil)
        await expectRefusal(401) { try await other.join(self.general) }
        try await other.join(self.directory)
        #expect(!other.has(RoomList.self))
        await expectRefusal(401) {
            _ = try await other.ask(self.directory, Identify(password: "wrong horse"), Identity.self)
        }
        let proven = try await other.ask(self.directory, Identify(password: "correct horse"), Identity.self)
        let back = try await fixture.connect("alice", token: proven.token)
        #expect(back.identity.claimed && !back.identity.needsPassword)
        #expect(try await back.join(self.general)?.name.text == "alice")
        await expectRefusal(401) { _ = try await fixture.connect("alice", token: owner.identity.token) }
        await expectRefusal(409) { _ = try await fixture.connect("al1ce") }
    }

    @Test func anAddressMayTryFivePasswordsForANameAtOnce() async throws {
        let fixture = try await ChatFixture()
        let owner = try await fixture.connect("alice")
        try await owner.join(self.directory)
        _ = try await owner.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        var codes: [Int] = []
        for attempt in 0..<12 {
            let thief = try await fixture.connect("alice", address: "10.0.1.1")
            try await thief.join(self.directory)
            do {
                _ = try await thief.ask(self.directory, Identify(password: "guess \(attempt)"), Identity.self)
            } catch let error as PondError { codes.append(error.code) }
            thief.session.close()
        }
        #expect(codes == [Int](repeating: 401, count: 5) + [Int](repeating: 429, count: 7))
        #expect(!fixture.lines.withLock { $0 }.joined().contains("guess "), "no password is logged")
    }

    @Test func aWrongPasswordEveryTenSecondsDoesNotKeepTheOwnerOut() async throws {
        let fixture = try await ChatFixture()
        let owner = try await fixture.connect("alice")
        try await owner.join(self.directory)
        _ = try await owner.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        owner.session.close()
        let stranger = try await fixture.connect("alice", address: "203.0.113.9")
        try await stranger.join(self.directory)
        var refusals: Set<Int> = []
        for _ in 0..<12 {
            do {
                _ = try await stranger.ask(self.directory, Identify(password: "wrong horse"), Identity.self)
            } catch let error as PondError { refusals.insert(error.code) }
        }
        #expect(refusals == [401, 429])
        let back = try await fixture.connect("alice", address: "203.0.113.10")
        try await back.join(self.directory)
        #expect(try await back.ask(self.directory, Identify(password: "correct horse"), Identity.self).token != nil)
    }

    @Test func guessesFromManyAddressesLeaveTheOwnerOneTryAnHour() async throws {
        let fixture = try await ChatFixture()
        let owner = try await fixture.connect("alice")
        try await owner.join(self.directory)
        _ = try await owner.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        owner.session.close()
        // Fifty wrong passwords use up what the name has over all addresses.
        for number in 0..<13 {
            let stranger = try await fixture.connect("alice", address: "203.0.113.\(number)")
            try await stranger.join(self.directory)
            for _ in 0..<4 {
                _ = try? await stranger.ask(self.directory, Identify(password: "wrong horse"), Identity.self)
            }
            stranger.session.close()
        }
        let stranger = try await fixture.connect("alice", address: "203.0.113.99")
        try await stranger.join(self.directory)
        await expectRefusal(401) {
            _ = try await stranger.ask(self.directory, Identify(password: "wrong horse"), Identity.self)
        }
        await expectRefusal(429) {
            _ = try await stranger.ask(self.directory, Identify(password: "correct horse"), Identity.self)
        }
        stranger.session.close()
        let back = try await fixture.connect("alice", address: "203.0.113.100")
        try await back.join(self.directory)
        #expect(try await back.ask(self.directory, Identify(password: "correct horse"), Identity.self).token != nil)
    }

    @Test func aTokenAloneDoesNotChangeThePassword() async throws {
        let fixture = try await ChatFixture()
        let owner = try await fixture.connect("alice")
        try await owner.join(self.directory)
        let claimed = try await owner.ask(self.directory, ClaimName(password: "correct horse"), Identity.self)
        let thief = try await fixture.connect("alice", token: claimed.token)
        try await thief.join(self.directory)
        await expectRefusal(403) {
            _ = try await thief.ask(self.directory, ClaimName(password: "stolen horse"), Identity.self)
        }
        await expectRefusal(401) {
            let claim = ClaimName(password: "stolen horse", present: "guessed horse")
            _ = try await thief.ask(self.directory, claim, Identity.self)
        }
        let change = ClaimName(password: "another horse", present: "correct horse")
        #expect(try await thief.ask(self.directory, change, Identity.self).token != nil)
    }

    @Test("A short password is refused, and a claim needs the name")
    func shortPassword() async throws {
        let fixture = try await ChatFixture()
        let alice = try await fixture.connect("alice")
        try await alice.join(self.directory)
        await expectRefusal(400) {
            _ = try await alice.ask(self.directory, ClaimName(password: "short"), Identity.self)
        }
    }

    @Test("What was said under an unclaimed name stays closed to whoever has it next")
    func inheritance() async throws {
        let fixture = try await ChatFixture()
        let pair = "/dm/alice~bob"
        let first = try await fixture.connect("alice", to: pair)
        let secret = try await first.say(pair, "secret")
        try await first.join(self.general)
        let said = try await first.say(self.general, "mine")
        first.session.close()
        fixture.advance(by: NameOwner.grace + .seconds(5))
        let second = try await fixture.connect("alice")
        let welcome = try await second.join(pair, JoinOptions(history: 10))
        #expect(welcome?.history?.messages.isEmpty == true && welcome?.history?.hasOlder == false)
        await expectRefusal(404) {
            _ = try await second.ask(pair, HistoryRequest(around: secret.id), HistoryPage.self)
        }
        #expect(try await second.ask(pair, SearchRequest(query: "secret"), SearchPage.self).messages.isEmpty)
        try await second.join(self.general)
        await expectRefusal(403) {
            _ = try await second.ask(self.general, EditMessage(id: said.id, text: "yours"), MessageEdited.self)
        }
    }

    @Test("A fresh token comes in-band, and tokens end")
    func refresh() async throws {
        let fixture = try await ChatFixture { $0.tokenLifetime = .seconds(100) }
        let alice = try await fixture.connect("alice")
        try await alice.join(self.directory)
        fixture.advance(by: .seconds(90))
        let fresh = try await alice.ask(self.directory, Identify(), Identity.self)
        fixture.advance(by: .seconds(90))
        await expectRefusal(401) { _ = try await fixture.connect("alice", token: alice.identity.token) }
        _ = try await fixture.connect("alice", token: fresh.token)
    }

    @Test(
        "Where tokens are asked for, nobody is let in without, and a connection ends with its token or goes on with the next"
    )
    func tokens() async throws {
        let fixture = try await ChatFixture { $0.authentication = .token }
        await expectRefusal(401) { _ = try await fixture.connect("alice") }
        func token(_ name: String, _ id: String, lasting seconds: Int) throws -> String {
            fixture.chat.tokens.sign(
                TokenClaims(
                    name: try UserName(name),
                    id: id,
                    issued: fixture.now,
                    expires: fixture.now + .seconds(seconds),
                    role: .moderator
                )
            )
        }
        let alice = try await fixture.connect("alice", token: try token("alice", "t1", lasting: 30))
        #expect(alice.identity.role == .moderator && alice.identity.token == nil)
        await expectRefusal(401) { _ = try await fixture.connect("bob", token: try token("alice", "t2", lasting: 30)) }
        try await alice.join(self.directory)
        fixture.advance(by: .seconds(20))
        let next = Identify(token: try token("alice", "t3", lasting: 60))
        _ = try await alice.ask(self.directory, next, Identity.self)
        fixture.advance(by: .seconds(20))
        #expect(alice.session.end == nil)
        fixture.advance(by: .seconds(50))
        fixture.advance(by: .seconds(1))
        #expect(alice.session.end != nil)
    }

    @Test("One user has so many devices and no more")
    func devices() async throws {
        let fixture = try await ChatFixture { $0.devicesPerUser = 2 }
        let first = try await fixture.connect("alice")
        _ = try await fixture.connect("alice", token: first.identity.token)
        await expectRefusal(429) { _ = try await fixture.connect("alice", token: first.identity.token) }
    }
}
