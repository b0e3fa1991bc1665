import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct PlausibleClockTests {
    private let start = ChatTime(milliseconds: 1_700_000_000_000)

    @Test func aPauseOfAMonthIsBelievedAndALongerJumpIsNot() {
        var clock = PlausibleClock(latest: self.start)
        let isPauseBelieved = clock.believes(self.start + .seconds(31 * 86_400))
        #expect(isPauseBelieved)
        let isBelieved = clock.believes(self.start + .seconds(63 * 86_400))
        #expect(!isBelieved)
        #expect(clock.latest == self.start + .seconds(31 * 86_400))
    }

    @Test func aClockThatGoesBackIsBelievedAndLeavesTheMark() {
        var clock = PlausibleClock(latest: self.start)
        let isBelieved = clock.believes(self.start + .seconds(-1_000))
        #expect(isBelieved)
        #expect(clock.latest == self.start)
    }

    @Test func aJumpOfTheClockDeletesNothingUntilAnOperatorConfirmsIt() async throws {
        let fixture = try await ChatFixture { $0.historyAge = .seconds(365 * 86_400) }
        let alice = try await fixture.connect("alice", to: "/lobby/general")
        try await alice.say("/lobby/general", "to be kept")
        await fixture.chat.prune()
        fixture.jump(by: .seconds(400 * 86_400))
        await fixture.chat.prune()
        #expect(try await self.count(fixture) == 1)
        #expect(fixture.lines.withLock { $0 }.contains { $0.contains("the clock jumped") })
        let output = AdminOutput(-1)
        let trust = AdminRequest(command: "trust-clock", arguments: [], options: [:])
        await AdminActions(chat: fixture.chat).answer(trust, output)
        #expect(try await self.count(fixture) == 0)
    }

    @Test func aNewStoreGoesByItsNewestMessage() async throws {
        let fixture = try await ChatFixture { $0.historyAge = .seconds(365 * 86_400) }
        let (general, message) = (ChatChannel.lobby(try RoomName("general")), try StoreFixture().message(1_700_000_000))
        try await fixture.store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.connection.execute("DELETE FROM clock")
            _ = try tables.append(message, to: general)
        }
        fixture.jump(by: .seconds(400 * 86_400))
        await fixture.chat.prune()
        #expect(try await self.count(fixture) == 1)
    }

    @Test func aNameClaimedWhileTheClockWasAheadHasTokensThatHold() async throws {
        let fixture = try await ChatFixture()
        fixture.jump(by: .seconds(10 * 86_400))
        let owner = try await fixture.connect("alice")
        try await owner.join(ChatChannel.directoryPath)
        _ = try await owner.ask(ChatChannel.directoryPath, ClaimName(password: "correct horse"), Identity.self)
        owner.session.close()
        fixture.jump(by: .seconds(-10 * 86_400))
        let back = try await fixture.connect("alice")
        try await back.join(ChatChannel.directoryPath)
        let identify = Identify(password: "correct horse")
        let token = try await back.ask(ChatChannel.directoryPath, identify, Identity.self).token
        back.session.close()
        let again = try await fixture.connect("alice", token: token)
        #expect(!again.identity.needsPassword)
    }

    private func count(_ fixture: ChatFixture) async throws -> Int {
        try await fixture.store.read { (tables: ChatTables) throws(SQLiteFault) in try tables.statistics().messages }
    }
}
