import Testing

@testable import PondCore
@testable import PondServer

@Suite struct HeartbeatMachineTests {
    private typealias Action = HeartbeatMachine.TimeAction

    private static func at(_ seconds: Int) -> MonotonicTime { .zero + .seconds(seconds) }

    private func listening() -> HeartbeatMachine {
        var machine = HeartbeatMachine(nodeId: "me", timing: ClusterTiming(), now: .zero)
        machine.subscribed(now: .zero)
        return machine
    }

    @Test func speaksAtOnceAndThenEveryInterval() {
        var machine = self.listening()
        #expect(machine.timeReached(now: Self.at(0)) == Action(speaks: true, dead: []))
        #expect(machine.nextDeadline == Self.at(30))
        #expect(machine.timeReached(now: Self.at(29)) == Action(speaks: false, dead: []))
        #expect(machine.timeReached(now: Self.at(30)) == Action(speaks: true, dead: []))
    }

    @Test func aNodeThatFallsSilentForTheTimeoutIsDeadOnce() {
        var machine = self.listening()
        #expect(machine.heard("a", now: Self.at(0)) == .first)
        machine.noted("b", now: Self.at(0))
        var dead: [Int: [String]] = [:]
        for second in stride(from: 0, through: 300, by: 30) {
            if second <= 60 { _ = machine.heard("a", now: Self.at(second)) }
            let action = machine.timeReached(now: Self.at(second))
            if !action.dead.isEmpty { dead[second] = action.dead }
        }
        #expect(dead == [90: ["b"], 150: ["a"]])
    }

    @Test func aNodeThatComesBackIsHeardForTheFirstTimeAgain() {
        var machine = self.listening()
        #expect(machine.heard("a", now: Self.at(0)) == .first)
        #expect(machine.heard("a", now: Self.at(1)) == .expected)
        for second in stride(from: 0, through: 120, by: 30) { _ = machine.timeReached(now: Self.at(second)) }
        #expect(machine.nodes.isEmpty)
        #expect(machine.heard("a", now: Self.at(121)) == .first)
    }

    @Test func itsOwnHeartbeatIsNoOthers() {
        var machine = self.listening()
        #expect(machine.heard("me", now: .zero) == .expected)
        machine.noted("me", now: .zero)
        #expect(machine.nodes.isEmpty)
    }

    @Test func whileNothingIsHeardNobodyIsJudged() {
        var machine = self.listening()
        _ = machine.heard("a", now: Self.at(0))
        machine.interrupted()
        for second in stride(from: 0, through: 600, by: 30) {
            #expect(machine.timeReached(now: Self.at(second)) == Action(speaks: false, dead: []))
        }
        machine.subscribed(now: Self.at(610))
        #expect(machine.timeReached(now: Self.at(610)) == Action(speaks: true, dead: []))
        #expect(machine.heard("a", now: Self.at(611)) == .first)
    }

    @Test func whoSleptThroughTheHeartbeatsDoesNotJudgeTheOthers() {
        var machine = self.listening()
        _ = machine.timeReached(now: Self.at(0))
        _ = machine.heard("a", now: Self.at(1))
        #expect(machine.timeReached(now: Self.at(500)) == Action(speaks: true, dead: []))
        #expect(machine.timeReached(now: Self.at(530)) == Action(speaks: true, dead: []))
        #expect(machine.timeReached(now: Self.at(560)) == Action(speaks: true, dead: []))
        #expect(machine.timeReached(now: Self.at(590)) == Action(speaks: true, dead: ["a"]))
    }

    @Test func theNumberOfWatchedNodesIsBounded() {
        var limits = ClusterLimits.default
        limits.nodes = 3
        var machine = HeartbeatMachine(nodeId: "me", timing: ClusterTiming(), limits: limits, now: .zero)
        machine.subscribed(now: .zero)
        for number in 0..<10 { _ = machine.heard("n\(number)", now: .zero) }
        for number in 10..<20 { machine.noted("n\(number)", now: .zero) }
        #expect(machine.nodes.count == 3)
    }
}
