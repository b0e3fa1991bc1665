import Testing

@testable import PondCore
@testable import PondRedis

@Suite struct RedisLinkMachineTests {
    private static let pong = RESPValue.simple(Array("PONG".utf8))
    private static let value = RESPValue.integer(1)
    private static let error = RESPValue.error(Array("NOAUTH".utf8))

    private static func machine(_ state: String) -> RedisLinkMachine {
        var machine = RedisLinkMachine(greetings: 2, backoff: Backoff(first: .seconds(1), factor: 2, cap: .seconds(4)))
        if state == "idle" { return machine }
        if state == "closed" {
            machine.closed()
            return machine
        }
        _ = machine.start()
        if state == "connecting" { return machine }
        if state == "waiting" {
            _ = machine.lost(random: 0)
            return machine
        }
        _ = machine.connected()
        if state == "greeting" { return machine }
        _ = machine.received(self.value)
        _ = machine.received(self.pong)
        if state == "pinged" { _ = machine.pingDue() }
        return machine
    }

    @Test func everyEventDoesItsPartInEveryState() {
        typealias Action = RedisLinkMachine.Action
        let retry = Action.retry(after: .milliseconds(500))
        let stale = Action.cut("not wanted any more")
        let table: [(state: String, start: Action, connected: Action, ping: Action, lost: Action, waited: Action)] = [
            ("idle", .connect, stale, .nothing, .nothing, .nothing),
            ("connecting", .nothing, .greet, .nothing, retry, .nothing),
            ("greeting", .nothing, stale, .cut("no answer to the greeting"), retry, .nothing),
            ("ready", .nothing, stale, .ping, retry, .nothing),
            ("pinged", .nothing, stale, .cut("no answer"), retry, .nothing),
            ("waiting", .nothing, stale, .nothing, .nothing, .connect),
            ("closed", .nothing, stale, .nothing, .nothing, .nothing),
        ]
        for row in table {
            var machine = Self.machine(row.state)
            #expect(machine.isReady == ["ready", "pinged"].contains(row.state))
            #expect(machine.start() == row.start, "\(row.state)")
            machine = Self.machine(row.state)
            #expect(machine.connected() == row.connected, "\(row.state)")
            machine = Self.machine(row.state)
            #expect(machine.pingDue() == row.ping, "\(row.state)")
            machine = Self.machine(row.state)
            #expect(machine.lost(random: 0.5) == row.lost, "\(row.state)")
            machine = Self.machine(row.state)
            #expect(machine.waited() == row.waited, "\(row.state)")
        }
    }

    @Test func valuesReachTheOwnerOnlyAfterTheGreeting() {
        var machine = Self.machine("greeting")
        #expect(machine.received(Self.value) == .nothing)
        #expect(machine.received(Self.pong) == .ready)
        #expect(machine.received(Self.value) == .value)
        #expect(machine.received(Self.error) == .value)
        #expect(machine.received(Self.pong) == .nothing)
        #expect(machine.received(.array([.bulk(Array("pong".utf8)), .bulk([])])) == .nothing)
        for state in ["idle", "connecting", "waiting", "closed"] {
            machine = Self.machine(state)
            #expect(machine.received(Self.value) == .nothing)
        }
    }

    @Test func aServerThatDoesNotLetUsInIsCutOff() {
        var machine = Self.machine("greeting")
        #expect(machine.received(Self.error) == .cut("NOAUTH"))
    }

    @Test func anythingFromTheServerAnswersAPing() {
        var machine = Self.machine("pinged")
        #expect(machine.received(Self.value) == .value)
        #expect(machine.pingDue() == .ping)
    }

    @Test func waitsLongerAfterEachFailureAndFromTheStartAfterASuccess() {
        var machine = Self.machine("connecting")
        var waits: [Duration] = []
        for _ in 0..<4 {
            if case .retry(let delay) = machine.lost(random: 1) { waits.append(delay) }
            _ = machine.waited()
        }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(4)])
        _ = machine.connected()
        _ = machine.received(Self.value)
        _ = machine.received(Self.pong)
        #expect(machine.lost(random: 1) == .retry(after: .seconds(1)))
    }
}
