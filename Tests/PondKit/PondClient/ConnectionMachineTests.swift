import PondTestSupport
import Testing

@testable import PondClient
@testable import PondCore
@testable import PondNet

@Suite struct ConnectionMachineTests {
    enum Start: String, CaseIterable {
        case fresh, stopped, waiting, opening, greeting, connected, draining
    }

    enum Event: String, CaseIterable {
        case connect, reconnectNow, disconnect, opened, greeted, failed, ended, heard, ponged, suspected, drained,
            early, due
    }

    static let t0 = MonotonicTime.zero + .seconds(100)
    static let fault = PondError.unavailable("no route")
    static let end = TransportEnd(code: 1006, reason: "", clean: false)

    /// What each event does in each state: the action, the state after it, and why.
    static let table: [Start: [Event: String]] = [
        .fresh: [
            .connect: "open CONNECTING requested", .reconnectNow: "nothing DISCONNECTED notStarted",
            .disconnect: "nothing DISCONNECTED notStarted", .opened: "abandon DISCONNECTED notStarted",
            .greeted: "nothing DISCONNECTED notStarted", .failed: "nothing DISCONNECTED notStarted",
            .ended: "nothing DISCONNECTED notStarted", .heard: "- DISCONNECTED notStarted",
            .ponged: "- DISCONNECTED notStarted", .suspected: "nothing DISCONNECTED notStarted",
            .drained: "- DISCONNECTED notStarted", .early: "nothing DISCONNECTED notStarted",
            .due: "nothing DISCONNECTED notStarted",
        ],
        .stopped: [
            .connect: "open CONNECTING requested", .reconnectNow: "nothing DISCONNECTED disconnectRequested",
            .disconnect: "nothing DISCONNECTED disconnectRequested",
            .opened: "abandon DISCONNECTED disconnectRequested",
            .greeted: "nothing DISCONNECTED disconnectRequested", .failed: "nothing DISCONNECTED disconnectRequested",
            .ended: "nothing DISCONNECTED disconnectRequested", .heard: "- DISCONNECTED disconnectRequested",
            .ponged: "- DISCONNECTED disconnectRequested", .suspected: "nothing DISCONNECTED disconnectRequested",
            .drained: "- DISCONNECTED disconnectRequested", .early: "nothing DISCONNECTED disconnectRequested",
            .due: "nothing DISCONNECTED disconnectRequested",
        ],
        .waiting: [
            .connect: "open CONNECTING requested", .reconnectNow: "open CONNECTING requested",
            .disconnect: "nothing DISCONNECTED disconnectRequested", .opened: "abandon DISCONNECTED failed",
            .greeted: "nothing DISCONNECTED failed", .failed: "nothing DISCONNECTED failed",
            .ended: "nothing DISCONNECTED failed", .heard: "- DISCONNECTED failed", .ponged: "- DISCONNECTED failed",
            .suspected: "nothing DISCONNECTED failed", .drained: "- DISCONNECTED failed",
            .early: "nothing DISCONNECTED failed", .due: "open CONNECTING retry",
        ],
        .opening: [
            .connect: "nothing CONNECTING requested", .reconnectNow: "nothing CONNECTING requested",
            .disconnect: "close DISCONNECTED disconnectRequested", .opened: "wait CONNECTING requested",
            .greeted: "nothing CONNECTING requested", .failed: "wait DISCONNECTED failed",
            .ended: "nothing CONNECTING requested", .heard: "- CONNECTING requested", .ponged: "- CONNECTING requested",
            .suspected: "nothing CONNECTING requested", .drained: "- CONNECTING requested",
            .early: "nothing CONNECTING requested", .due: "abandon DISCONNECTED timedOut",
        ],
        .greeting: [
            .connect: "nothing CONNECTING requested", .reconnectNow: "nothing CONNECTING requested",
            .disconnect: "close DISCONNECTED disconnectRequested", .opened: "abandon CONNECTING requested",
            .greeted: "ready CONNECTED greeted", .failed: "nothing CONNECTING requested",
            .ended: "wait DISCONNECTED ended", .heard: "- CONNECTING requested", .ponged: "- CONNECTING requested",
            .suspected: "nothing CONNECTING requested", .drained: "- CONNECTING requested",
            .early: "nothing CONNECTING requested", .due: "abandon DISCONNECTED timedOut",
        ],
        .connected: [
            .connect: "nothing CONNECTED greeted", .reconnectNow: "nothing CONNECTED greeted",
            .disconnect: "close DISCONNECTED disconnectRequested", .opened: "abandon CONNECTED greeted",
            .greeted: "nothing CONNECTED greeted", .failed: "nothing CONNECTED greeted",
            .ended: "wait DISCONNECTED ended", .heard: "- CONNECTED greeted", .ponged: "- CONNECTED greeted",
            .suspected: "replace DISCONNECTED unanswered", .drained: "- CONNECTED greeted",
            .early: "nothing CONNECTED greeted", .due: "ping CONNECTED greeted",
        ],
        .draining: [
            .connect: "nothing CONNECTED greeted", .reconnectNow: "nothing CONNECTED greeted",
            .disconnect: "close DISCONNECTED disconnectRequested", .opened: "abandon CONNECTED greeted",
            .greeted: "nothing CONNECTED greeted", .failed: "nothing CONNECTED greeted",
            .ended: "wait DISCONNECTED ended", .heard: "- CONNECTED greeted", .ponged: "- CONNECTED greeted",
            .suspected: "replace DISCONNECTED unanswered", .drained: "- CONNECTED greeted",
            .early: "nothing CONNECTED greeted", .due: "reopen CONNECTING drained",
        ],
    ]

    static func machine(_ start: Start) -> ConnectionMachine {
        var machine = ConnectionMachine()
        switch start {
        case .fresh: break
        case .stopped:
            _ = machine.connect(now: t0)
            _ = machine.disconnect(now: t0)
        case .waiting:
            _ = machine.connect(now: t0)
            _ = machine.failed(fault, now: t0, random: 0.999)
        case .opening: _ = machine.connect(now: t0)
        case .greeting:
            _ = machine.connect(now: t0)
            _ = machine.opened(beats: true, now: t0)
        case .connected, .draining:
            _ = machine.connect(now: t0)
            _ = machine.opened(beats: true, now: t0)
            _ = machine.greeted(userId: "u", resumed: nil, now: t0)
            _ = machine.timePassed(now: t0, random: 0)
            machine.ponged(now: t0 + .milliseconds(24))
            if start == .draining { machine.drained(after: .seconds(2), now: t0) }
        }
        return machine
    }

    static func apply(_ event: Event, to machine: inout ConnectionMachine, at now: MonotonicTime) -> String {
        switch event {
        case .connect: return "\(machine.connect(now: now))"
        case .reconnectNow: return "\(machine.reconnectNow(now: now))"
        case .disconnect: return "\(machine.disconnect(now: now))"
        case .opened: return "\(machine.opened(beats: true, now: now))"
        case .greeted: return "\(machine.greeted(userId: "u", resumed: true, now: now))"
        case .failed: return "\(machine.failed(fault, now: now, random: 0.5))"
        case .ended: return "\(machine.ended(end, now: now, random: 0.5))"
        case .heard: machine.heard(now: now)
        case .ponged: machine.ponged(now: now)
        case .suspected: return "\(machine.suspected(now: now, random: 0.5))"
        case .drained: machine.drained(after: .seconds(1), now: now)
        case .early:
            return "\(machine.timePassed(now: machine.nextDeadline.map { $0 + .nanoseconds(-1) } ?? now, random: 0.5))"
        case .due: return "\(machine.timePassed(now: machine.nextDeadline ?? now, random: 0.5))"
        }
        return "-"
    }

    @Test(arguments: Start.allCases, Event.allCases)
    func doesWhatTheTableSays(start: Start, event: Event) throws {
        let expected = try #require(Self.table[start]?[event], "the table has no row for \(start) × \(event)")
        var machine = Self.machine(start)
        let action = Self.apply(event, to: &machine, at: Self.t0 + .milliseconds(500))
        let reason = String("\(Mirror(reflecting: machine.status.reason).children.first?.label ?? Self.bare(machine))")
        #expect("\(action) \(machine.status.state.rawValue) \(reason)" == expected, "\(start) × \(event)")
    }

    static func bare(_ machine: ConnectionMachine) -> String {
        switch machine.status.reason {
        case .notStarted: "notStarted"
        case .requested: "requested"
        case .disconnectRequested: "disconnectRequested"
        case .retry: "retry"
        case .networkChanged: "networkChanged"
        case .greeted: "greeted"
        case .timedOut: "timedOut"
        case .silent: "silent"
        case .unanswered: "unanswered"
        case .drained: "drained"
        case .failed, .ended: "with a value"
        }
    }

    @Test func countsTriesAndTellsWhenTheNextOneComes() {
        var machine = Self.machine(.opening)
        #expect(machine.status.attempt == 1)
        _ = machine.failed(Self.fault, now: Self.t0, random: 0.5)
        #expect(machine.status.attempt == 2)
        #expect(machine.status.nextTry == Self.t0 + .milliseconds(500))
        #expect(machine.status.secondsToNextTry(at: Self.t0) == 1)
        _ = machine.timePassed(now: Self.t0 + .milliseconds(500), random: 0)
        #expect(machine.status.attempt == 2)
        #expect(machine.status.nextTry == nil)
        _ = machine.failed(Self.fault, now: Self.t0 + .seconds(1), random: 0.5)
        #expect(machine.status.nextTry == Self.t0 + .seconds(2))
    }

    @Test func givesOneDeadlineToOpeningAndGreetingTogether() {
        var machine = Self.machine(.opening)
        _ = machine.opened(beats: true, now: Self.t0 + .seconds(9))
        #expect(machine.nextDeadline == Self.t0 + .seconds(10))
        expect(machine.timePassed(now: Self.t0 + .seconds(10), random: 0), is: .abandon)
        #expect(machine.status.reason == .timedOut)
    }

    @Test func neverGivesUpByItselfUnlessTold() {
        var machine = ConnectionMachine()
        var now = Self.t0
        _ = machine.connect(now: now)
        for _ in 0..<1_000 {
            expect(machine.failed(Self.fault, now: now, random: 1), is: .wait)
            now = machine.nextDeadline ?? now
            expect(machine.timePassed(now: now, random: 0), is: .open)
        }
        var settings = ConnectionMachine.Settings()
        settings.maxFailures = 2
        var finite = ConnectionMachine(settings: settings)
        _ = finite.connect(now: now)
        expect(finite.failed(Self.fault, now: now, random: 0), is: .wait)
        now = finite.nextDeadline ?? now
        expect(finite.timePassed(now: now, random: 0), is: .open)
        expect(finite.failed(Self.fault, now: now, random: 0), is: .stop)
        #expect(finite.nextDeadline == nil)
        #expect(finite.status.nextTry == nil)
    }

    @Test func noticesADeadLinkWithinTwoIntervals() {
        var machine = Self.machine(.connected)
        var now = Self.t0 + .seconds(1)
        machine.heard(now: now)
        let died = now
        var actions: [ConnectionMachine.TimeAction] = []
        while machine.isConnected, actions.count < 10 {
            now = machine.nextDeadline ?? now
            actions.append(machine.timePassed(now: now, random: 0))
        }
        #expect(actions == [.ping, .abandon])
        #expect(machine.status.reason == .silent)
        #expect(now - died <= .seconds(30))
    }

    @Test func keepsALinkThatAnswersAndMeasuresItsLag() {
        var machine = Self.machine(.connected)
        #expect(machine.status.lag == .milliseconds(24))
        for _ in 0..<100 {
            let now = machine.nextDeadline ?? Self.t0
            expect(machine.timePassed(now: now, random: 0), is: .ping)
            machine.ponged(now: now + .milliseconds(7))
        }
        #expect(machine.isConnected)
        #expect(machine.status.lag == .milliseconds(7))
    }

    @Test func takesAnythingHeardForASignOfLife() {
        var machine = Self.machine(.connected)
        for _ in 0..<10 {
            let now = machine.nextDeadline ?? Self.t0
            expect(machine.timePassed(now: now, random: 0), is: .ping)
            machine.heard(now: now + .seconds(1))
        }
        #expect(machine.isConnected)
    }

    @Test func asksAgainInsteadOfGivingUpWhenItSleptItself() {
        var machine = Self.machine(.connected)
        let due = machine.nextDeadline ?? Self.t0
        _ = machine.timePassed(now: due, random: 0)
        expect(machine.timePassed(now: due + .seconds(300), random: 0), is: .ping)
        expect(machine.timePassed(now: due + .seconds(315), random: 0), is: .abandon)
    }

    @Test func doesNotPingALinkThatCannotBePinged() {
        var machine = Self.machine(.opening)
        _ = machine.opened(beats: false, now: Self.t0)
        _ = machine.greeted(userId: nil, resumed: nil, now: Self.t0)
        #expect(machine.nextDeadline == nil)
        machine.unanswered(since: Self.t0)
        #expect(machine.nextDeadline == nil)
    }

    @Test func startsTheWaitsAnewOnlyAfterALinkThatHeld() {
        func nextAfterLink(held: Duration) -> Int {
            var machine = Self.machine(.opening)
            var now = Self.t0
            for _ in 0..<3 {
                _ = machine.failed(Self.fault, now: now, random: 0)
                now = machine.nextDeadline ?? now
                _ = machine.timePassed(now: now, random: 0)
            }
            _ = machine.opened(beats: false, now: now)
            _ = machine.greeted(userId: nil, resumed: nil, now: now)
            _ = machine.ended(Self.end, now: now + held, random: 0)
            return machine.status.attempt
        }
        #expect(nextAfterLink(held: .milliseconds(100)) == 5)
        #expect(nextAfterLink(held: .seconds(4)) == 2)
    }

    @Test func reconnectsAfterADrainWithoutCountingAFailure() {
        var machine = Self.machine(.draining)
        #expect(machine.nextDeadline == Self.t0 + .seconds(2))
        expect(machine.timePassed(now: Self.t0 + .seconds(2), random: 0), is: .reopen)
        #expect(machine.status.attempt == 1)
        var cut = Self.machine(.draining)
        expect(cut.ended(Self.end, now: Self.t0 + .seconds(1), random: 0.5), is: .wait)
        #expect(cut.status.attempt == 1)
        #expect(cut.status.nextTry == Self.t0 + .milliseconds(1_500))
    }

    /// Connects, drains at once, and so on. Returns how long each link was held.
    private static func drains(_ count: Int, after: Duration, held: Duration = .zero) -> [Duration] {
        var machine = ConnectionMachine()
        var now = Self.t0
        _ = machine.connect(now: now)
        return (0..<count).map { _ in
            _ = machine.opened(beats: false, now: now)
            _ = machine.greeted(userId: nil, resumed: nil, now: now)
            let start = now
            machine.drained(after: after, now: now + held)
            now = machine.nextDeadline ?? now
            expect(machine.timePassed(now: now, random: 0), is: .reopen)
            return now - start
        }
    }

    @Test func aServerThatDrainsEveryConnectionAtOnceMakesTheClientWaitLongerEachTime() {
        #expect(Self.drains(7, after: .zero) == [0, 1, 2, 4, 8, 16, 30].map { .seconds($0) })
        #expect(Self.drains(3, after: .seconds(-1)) == [0, 1, 2].map { .seconds($0) })
        #expect(Self.drains(3, after: .zero, held: .seconds(60)) == [60, 60, 60].map { .seconds($0) })
        #expect(Self.drains(1, after: .seconds(1_000_000)) == [.seconds(300)])
    }

    @Test func probesALinkOnWhichAnAnswerIsOverdueAndReplacesItThreeSecondsLater() {
        var machine = Self.machine(.connected)
        let sent = Self.t0 + .seconds(2)
        machine.heard(now: Self.t0 + .seconds(1))
        machine.unanswered(since: sent)
        #expect(machine.nextDeadline == sent + .seconds(3))
        #expect(machine.status.unansweredSince == nil)
        expect(machine.timePassed(now: sent + .seconds(3), random: 0), is: .probe)
        #expect(machine.status.unansweredSince == sent)
        #expect(machine.status.secondsUnanswered(at: sent + .milliseconds(4_999)) == 4)
        expect(machine.timePassed(now: sent + .seconds(6), random: 0), is: .abandon)
        #expect(machine.status.reason == .silent)
        #expect(machine.status.unansweredSince == nil)
    }

    @Test func keepsALinkThatAnswersTheProbeThoughTheMessageIsUnanswered() {
        var machine = Self.machine(.connected)
        machine.heard(now: Self.t0 + .seconds(1))
        machine.unanswered(since: Self.t0 + .seconds(1))
        for second in stride(from: 4, to: 60, by: 3) {
            let now = Self.t0 + .seconds(second)
            expect(machine.timePassed(now: now, random: 0), is: .probe)
            expect(machine.ponged(now: now), is: true)
            #expect(machine.status.unansweredSince == nil)
        }
        machine.unanswered(since: nil)
        expect(machine.timePassed(now: Self.t0 + .seconds(62), random: 0), is: .nothing)
    }

    @Test func doesNotProbeWhileSomethingElseIsHeard() {
        var machine = Self.machine(.connected)
        machine.heard(now: Self.t0 + .seconds(1))
        machine.unanswered(since: Self.t0 + .seconds(1))
        machine.heard(now: Self.t0 + .seconds(3))
        expect(machine.timePassed(now: Self.t0 + .seconds(4), random: 0), is: .nothing)
        #expect(machine.nextDeadline == Self.t0 + .seconds(6))
    }

    @Test func probesAgainInsteadOfGivingUpWhenItSleptItself() {
        var machine = Self.machine(.connected)
        machine.heard(now: Self.t0 + .seconds(1))
        machine.unanswered(since: Self.t0 + .seconds(1))
        expect(machine.timePassed(now: Self.t0 + .seconds(4), random: 0), is: .probe)
        expect(machine.timePassed(now: Self.t0 + .seconds(300), random: 0), is: .probe)
        expect(machine.timePassed(now: Self.t0 + .seconds(303), random: 0), is: .abandon)
    }

    @Test func allowsALinkWithoutPingsOneSilentHeartbeatMore() {
        var machine = Self.machine(.greeting)
        _ = machine.greeted(userId: nil, resumed: nil, answers: false, now: Self.t0)
        var actions: [ConnectionMachine.TimeAction] = []
        while machine.isConnected, actions.count < 10 {
            actions.append(machine.timePassed(now: machine.nextDeadline ?? Self.t0, random: 0))
        }
        #expect(actions == [.ping, .ping, .abandon])
    }

    @Test(arguments: [400, 401, 403, 404, 409, 410, 426])
    func givesUpAtOnceWhenTheServerRefusesForGood(code: Int) {
        let refusal = PondError(declined: code, message: "no", headers: [:])
        var machine = Self.machine(.opening)
        expect(machine.failed(refusal, now: Self.t0, random: 0), is: .stop)
        #expect(machine.nextDeadline == nil)
        #expect(machine.finalError == refusal)
        expect(machine.connect(now: Self.t0), is: .open)
        #expect(machine.finalError == nil)
        var settings = ConnectionMachine.Settings()
        settings.retriedRefusals = [code]
        var patient = ConnectionMachine(settings: settings)
        _ = patient.connect(now: Self.t0)
        expect(patient.failed(refusal, now: Self.t0, random: 0), is: .wait)
        #expect(patient.finalError == nil)
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func triesAgainWhenARefusalIsTemporaryAndNotBeforeTheServerSaid(code: Int) {
        var machine = Self.machine(.opening)
        let refusal = PondError(declined: code, message: "busy", headers: ["Retry-After": "42"])
        expect(machine.failed(refusal, now: Self.t0, random: 0), is: .wait)
        #expect(machine.status.nextTry == Self.t0 + .seconds(42))
    }

    @Test func waitsAsLongAsAServerAsksWithinABound() {
        var machine = Self.machine(.opening)
        var busy = Self.fault
        busy.retryAfter = 7
        _ = machine.failed(busy, now: Self.t0, random: 0)
        #expect(machine.status.nextTry == Self.t0 + .seconds(7))
        for absurd in [1e300, .infinity, 1e10] {
            var machine = Self.machine(.opening)
            busy.retryAfter = absurd
            _ = machine.failed(busy, now: Self.t0, random: 0)
            #expect(machine.status.nextTry == Self.t0 + .seconds(300))
        }
    }
}
