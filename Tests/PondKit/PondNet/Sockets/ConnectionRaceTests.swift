import Testing

@testable import PondNet
@testable import PondRuntime

@Suite struct ConnectionRaceTests {
    private let refused = SystemError(code: 111)

    private func address(_ text: String) throws -> SocketAddress { try #require(SocketAddress(ip: text, port: 80)) }

    @Test func triesTheFamiliesByTurnsWithAPauseBetween() throws {
        let addresses = try ["::1", "::2", "127.0.0.1"].map(self.address)
        var race = ConnectionRace(addresses: addresses)
        let steps = [race.begin(), race.pauseEnded(), race.pauseEnded(), race.pauseEnded()]
        #expect(
            steps == [
                .attempt(addresses[0], pause: .milliseconds(250)),
                .attempt(addresses[2], pause: .milliseconds(250)),
                .attempt(addresses[1], pause: nil),
                .wait,
            ]
        )
    }

    @Test func aFailureStartsTheNextAttemptAtOnceAndTheLastOneLoses() throws {
        let addresses = try ["127.0.0.1", "127.0.0.2"].map(self.address)
        var race = ConnectionRace(addresses: addresses)
        let steps = [race.begin(), race.attemptFailed(self.refused), race.attemptFailed(self.refused)]
        #expect(
            steps == [
                .attempt(addresses[0], pause: .milliseconds(250)),
                .attempt(addresses[1], pause: nil),
                .lost(self.refused),
            ]
        )
    }

    @Test func aFailureWhileAnotherAttemptRunsWaitsForThatOne() throws {
        let addresses = try ["127.0.0.1", "::1"].map(self.address)
        var race = ConnectionRace(addresses: addresses)
        let steps = [race.begin(), race.pauseEnded(), race.attemptFailed(self.refused)]
        #expect(steps.last == .wait)
    }

    @Test func losesWithoutAddresses() {
        var race = ConnectionRace(addresses: [])
        let step = race.begin()
        #expect(step == .lost(nil))
    }
}
