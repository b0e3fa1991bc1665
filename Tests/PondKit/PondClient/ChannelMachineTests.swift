import PondKit
import PondTestSupport
import Testing

@Suite struct ChannelMachineTests {
    enum Start: String, CaseIterable {
        case idle, deferred, joining, joined, stalled, rejoining, closed, declined
    }

    enum Event: String, CaseIterable {
        case join, joinOffline, connected, disconnected, acknowledged, acknowledgedOther, refused, refusedByName,
            refusedOther, leave, leaveOffline, evicted, early, due
    }

    static let t0 = MonotonicTime.zero + .seconds(100)
    static let no = PondError.forbidden("no")

    static let table: [Start: [Event: String]] = [
        .idle: [
            .join: "send JOINING join sent", .joinOffline: "wait JOINING joins when connected",
            .connected: "nothing IDLE not joined yet", .disconnected: "false IDLE not joined yet",
            .acknowledged: "nothing IDLE not joined yet", .acknowledgedOther: "nothing IDLE not joined yet",
            .refused: "false IDLE not joined yet", .refusedByName: "false IDLE not joined yet",
            .refusedOther: "false IDLE not joined yet", .leave: "close CLOSED left", .leaveOffline: "close CLOSED left",
            .evicted: "nothing IDLE not joined yet", .early: "nothing IDLE not joined yet",
            .due: "nothing IDLE not joined yet",
        ],
        .deferred: [
            .join: "nothing JOINING joins when connected", .joinOffline: "nothing JOINING joins when connected",
            .connected: "send JOINING join sent", .disconnected: "false JOINING joins when connected",
            .acknowledged: "nothing JOINING joins when connected",
            .acknowledgedOther: "nothing JOINING joins when connected",
            .refused: "false JOINING joins when connected", .refusedByName: "false JOINING joins when connected",
            .refusedOther: "false JOINING joins when connected", .leave: "owe CLOSED left",
            .leaveOffline: "owe CLOSED left", .evicted: "nothing JOINING joins when connected",
            .early: "nothing JOINING joins when connected", .due: "nothing JOINING joins when connected",
        ],
        .joining: [
            .join: "nothing JOINING join sent", .joinOffline: "nothing JOINING join sent",
            .connected: "send JOINING join sent", .disconnected: "true JOINING joins when connected",
            .acknowledged: "joined JOINED joined", .acknowledgedOther: "nothing JOINING join sent",
            .refused: "true DECLINED no (403)", .refusedByName: "true DECLINED no (403)",
            .refusedOther: "false JOINING join sent", .leave: "send CLOSED left", .leaveOffline: "owe CLOSED left",
            .evicted: "nothing JOINING join sent", .early: "nothing JOINING join sent",
            .due: "replaceLink JOINING join sent",
        ],
        .joined: [
            .join: "nothing JOINED joined", .joinOffline: "nothing JOINED joined",
            .connected: "send STALLED rejoin sent",
            .disconnected: "true STALLED connection lost, rejoins when connected",
            .acknowledged: "nothing JOINED joined", .acknowledgedOther: "nothing JOINED joined",
            .refused: "false JOINED joined", .refusedByName: "false JOINED joined",
            .refusedOther: "false JOINED joined", .leave: "send CLOSED left", .leaveOffline: "owe CLOSED left",
            .evicted: "close CLOSED removed by the server: flood", .early: "nothing JOINED joined",
            .due: "nothing JOINED joined",
        ],
        .stalled: [
            .join: "nothing STALLED connection lost, rejoins when connected",
            .joinOffline: "nothing STALLED connection lost, rejoins when connected",
            .connected: "send STALLED rejoin sent",
            .disconnected: "false STALLED connection lost, rejoins when connected",
            .acknowledged: "nothing STALLED connection lost, rejoins when connected",
            .acknowledgedOther: "nothing STALLED connection lost, rejoins when connected",
            .refused: "false STALLED connection lost, rejoins when connected",
            .refusedByName: "false STALLED connection lost, rejoins when connected",
            .refusedOther: "false STALLED connection lost, rejoins when connected",
            .leave: "send CLOSED left", .leaveOffline: "owe CLOSED left",
            .evicted: "close CLOSED removed by the server: flood",
            .early: "nothing STALLED connection lost, rejoins when connected",
            .due: "nothing STALLED connection lost, rejoins when connected",
        ],
        .rejoining: [
            .join: "nothing STALLED rejoin sent", .joinOffline: "nothing STALLED rejoin sent",
            .connected: "send STALLED rejoin sent",
            .disconnected: "true STALLED connection lost, rejoins when connected",
            .acknowledged: "rejoined JOINED joined", .acknowledgedOther: "nothing STALLED rejoin sent",
            .refused: "true DECLINED no (403)", .refusedByName: "true DECLINED no (403)",
            .refusedOther: "false STALLED rejoin sent", .leave: "send CLOSED left", .leaveOffline: "owe CLOSED left",
            .evicted: "leave CLOSED removed by the server: flood", .early: "nothing STALLED rejoin sent",
            .due: "replaceLink STALLED rejoin sent",
        ],
        .closed: [
            .join: "refuse CLOSED left", .joinOffline: "refuse CLOSED left", .connected: "nothing CLOSED left",
            .disconnected: "false CLOSED left", .acknowledged: "nothing CLOSED left",
            .acknowledgedOther: "nothing CLOSED left", .refused: "false CLOSED left",
            .refusedByName: "false CLOSED left", .refusedOther: "false CLOSED left", .leave: "nothing CLOSED left",
            .leaveOffline: "nothing CLOSED left", .evicted: "nothing CLOSED left", .early: "nothing CLOSED left",
            .due: "nothing CLOSED left",
        ],
        .declined: [
            .join: "refuse DECLINED no (403)", .joinOffline: "refuse DECLINED no (403)",
            .connected: "nothing DECLINED no (403)", .disconnected: "false DECLINED no (403)",
            .acknowledged: "nothing DECLINED no (403)", .acknowledgedOther: "nothing DECLINED no (403)",
            .refused: "false DECLINED no (403)", .refusedByName: "false DECLINED no (403)",
            .refusedOther: "false DECLINED no (403)", .leave: "nothing DECLINED no (403)",
            .leaveOffline: "nothing DECLINED no (403)", .evicted: "nothing DECLINED no (403)",
            .early: "nothing DECLINED no (403)", .due: "nothing DECLINED no (403)",
        ],
    ]

    static func machine(_ start: Start) -> ChannelMachine {
        var machine = ChannelMachine(now: t0)
        if start == .idle { return machine }
        _ = machine.join(requestId: "j", connected: start != .deferred, now: t0)
        switch start {
        case .idle, .deferred, .joining: break
        case .joined, .stalled, .rejoining, .closed:
            _ = machine.acknowledged(requestId: "j", now: t0)
            if start == .closed { _ = machine.leave(connected: true, now: t0) }
            if start == .stalled || start == .rejoining { _ = machine.disconnected(now: t0) }
            if start == .rejoining { _ = machine.connected(requestId: "j", now: t0) }
        case .declined: _ = machine.declined(no, requestId: "j", now: t0)
        }
        return machine
    }

    static func apply(_ event: Event, to machine: inout ChannelMachine) -> String {
        let now = self.t0 + .seconds(1)
        switch event {
        case .join: return self.name(machine.join(requestId: "k", connected: true, now: now))
        case .joinOffline: return self.name(machine.join(requestId: "k", connected: false, now: now))
        case .connected: return self.name(machine.connected(requestId: "k", now: now))
        case .disconnected: return "\(machine.disconnected(now: now))"
        case .acknowledged: return "\(machine.acknowledged(requestId: "j", now: now))"
        case .acknowledgedOther: return "\(machine.acknowledged(requestId: "?", now: now))"
        case .refused: return "\(machine.declined(self.no, requestId: "j", now: now))"
        case .refusedByName: return "\(machine.declined(self.no, requestId: nil, now: now))"
        case .refusedOther: return "\(machine.declined(self.no, requestId: "?", now: now))"
        case .leave: return "\(machine.leave(connected: true, now: now))"
        case .leaveOffline: return "\(machine.leave(connected: false, now: now))"
        case .evicted: return self.name(machine.evicted("flood", now: now))
        case .early: return self.name(machine.timePassed(now: self.t0 + .milliseconds(9_999)))
        case .due: return self.name(machine.timePassed(now: self.t0 + .seconds(10)))
        }
    }

    static func name(_ action: Any) -> String { Mirror(reflecting: action).children.first?.label ?? "\(action)" }

    @Test(arguments: Start.allCases, Event.allCases)
    func doesWhatTheTableSays(start: Start, event: Event) throws {
        let expected = try #require(Self.table[start]?[event], "the table has no row for \(start) × \(event)")
        var machine = Self.machine(start)
        let action = Self.apply(event, to: &machine)
        #expect("\(action) \(machine.visibleState.rawValue) \(machine.reason)" == expected, "\(start) × \(event)")
    }

    @Test func joinsAgainWhenTheConnectionDropsWhileJoining() {
        var machine = Self.machine(.joining)
        expect(machine.disconnected(now: Self.t0), is: true)
        #expect(machine.visibleState == .joining)
        #expect(machine.nextDeadline == nil)
        expect(machine.connected(requestId: "second", now: Self.t0), is: .send(requestId: "second"))
        expect(machine.acknowledged(requestId: "j", now: Self.t0), is: .nothing)
        expect(machine.acknowledged(requestId: "second", now: Self.t0), is: .joined)
    }

    @Test func countsTheJoinTimeOnlyWhileConnected() {
        var machine = Self.machine(.deferred)
        #expect(machine.nextDeadline == nil)
        expect(machine.timePassed(now: Self.t0 + .seconds(3_600)), is: .nothing)
        _ = machine.connected(requestId: "k", now: Self.t0 + .seconds(3_600))
        #expect(machine.nextDeadline == Self.t0 + .seconds(3_610))
    }

    @Test func anUnansweredJoinIsNeverTerminal() {
        var machine = Self.machine(.joining)
        var now = Self.t0
        for attempt in 0..<20 {
            now = machine.nextDeadline ?? now
            expect(machine.timePassed(now: now), is: .replaceLink)
            #expect(machine.visibleState == .joining)
            expect(machine.disconnected(now: now), is: true)
            #expect(machine.nextDeadline == nil)
            expect(machine.connected(requestId: "\(attempt)", now: now), is: .send(requestId: "\(attempt)"))
            #expect(machine.nextDeadline == now + .seconds(10))
        }
        expect(machine.acknowledged(requestId: "19", now: now), is: .joined)
    }
}
