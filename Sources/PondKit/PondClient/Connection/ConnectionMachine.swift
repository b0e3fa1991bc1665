public import PondCore

/// What a client's connection does next, for every event, without a socket or a clock.
///
/// The driver calls an event, carries out the action it returns, and calls `timePassed` at `nextDeadline`.
public struct ConnectionMachine: Sendable {
    /// The times and bounds that the machine keeps to.
    public struct Settings: Sendable, Hashable {
        /// What an attempt may take, from its start until the server's greeting.
        public var connectTime: Duration = .seconds(10)
        /// Between two pings; a dead link is noticed within two of them.
        public var heartbeat: Duration = .seconds(15)
        /// How long to wait between tries.
        public var backoff = Backoff()
        /// Failures in a row after which to give up; `nil` never does.
        public var maxFailures: Int?
        /// The longest wait that a server can ask for.
        public var longestRequestedWait: Duration = .seconds(300)
        /// How long an acknowledged send, a request or a join may be unanswered before the link is probed.
        public var probeAfter: Duration = .seconds(3)
        /// How long the server may take to answer a probe; then the connection is replaced.
        public var probeTime: Duration = .seconds(3)
        /// How long the server may take to answer the probe after a change of the network.
        public var changeProbeTime: Duration = .seconds(1)
        /// The least time between two attempts that changes of the network cause.
        public var changePause: Duration = .milliseconds(500)
        /// Status codes of permanent refusals that are retried all the same; others end the attempts.
        public var retriedRefusals: Set<Int> = []

        /// The settings of a client that never gives up.
        public init() {}
    }

    private enum State {
        /// Nothing is wanted. Can become `opening`.
        case off
        /// A try comes later. Can become `opening`, `off`.
        case waiting(until: MonotonicTime)
        /// A socket is being opened. Can become `greeting`, `waiting`, `off`.
        case opening(deadline: MonotonicTime)
        /// The socket is open, the greeting has not come. Can become `connected`, `waiting`, `off`.
        case greeting(deadline: MonotonicTime, beats: Bool)
        /// Messages flow. Can become `waiting`, `opening` (drain), `off`.
        case connected(Link)
    }

    private struct Link {
        let since: MonotonicTime
        var nextBeat: MonotonicTime?
        var lastPing: MonotonicTime?
        /// Heartbeats in a row after which nothing came.
        var missedBeats = 0
        /// Heartbeats that may pass in silence; more than one where the server cannot be asked.
        let allowedBeats: Int
        /// Whether the server can be made to answer.
        let canProbe: Bool
        /// When the oldest of what the server has not answered was sent.
        var unanswered: MonotonicTime?
        /// The probe that is not answered; `since` is when the silence began.
        var probe: (since: MonotonicTime, deadline: MonotonicTime)?
        var drainAt: MonotonicTime?
        /// Whether the probe was sent because the network changed: a lost link is then replaced at once.
        var isAfterChange = false

        /// When to probe.
        func probeAt(lastHeard: MonotonicTime?, after time: Duration) -> MonotonicTime? {
            guard self.canProbe, self.probe == nil, let unanswered = self.unanswered else { return nil }
            return max(unanswered, lastHeard ?? unanswered) + time
        }
    }

    private let settings: Settings
    private var state = State.off
    private var failures = 0
    /// Drains in a row, each of a link that had held for less than the longest wait between tries.
    private var drains = 0
    private var reason = ConnectionReason.notStarted
    private var since = MonotonicTime.zero
    private var lag: Duration?
    private var lastHeard: MonotonicTime?
    private var resumed: Bool?
    private var userId: String?

    /// A machine that waits for `connect`.
    public init(settings: Settings = Settings()) { self.settings = settings }

    /// What a program can show.
    public var status: ConnectionStatus {
        var status = ConnectionStatus(
            state: .disconnected,
            reason: self.reason,
            since: self.since,
            attempt: 0,
            lastHeard: self.lastHeard,
            resumed: self.resumed,
            userId: self.userId
        )
        switch self.state {
        case .off: break
        case .waiting(let until):
            status.attempt = self.failures + 1
            status.nextTry = until
        case .opening, .greeting:
            status.state = .connecting
            status.attempt = self.failures + 1
        case .connected(let link):
            status.state = .connected
            status.lag = self.lag
            status.unansweredSince = link.probe?.since
        }
        return status
    }

    /// Why no attempt runs or comes, where the machine has given up; `nil` where it has not.
    public var finalError: PondError? { self.status.finalError }

    /// Whether messages flow.
    public var isConnected: Bool {
        if case .connected = self.state { true } else { false }
    }

    /// When `timePassed` is to be called next.
    public var nextDeadline: MonotonicTime? {
        switch self.state {
        case .off: nil
        case .waiting(let until): until
        case .opening(let deadline): deadline
        case .greeting(let deadline, _): deadline
        case .connected(let link):
            [
                link.nextBeat, link.drainAt, link.probe?.deadline,
                link.probeAt(lastHeard: self.lastHeard, after: self.settings.probeAfter),
            ].compactMap { $0 }.min()
        }
    }

    /// What `connect` and `reconnectNow` ask for.
    public enum OpenAction: Sendable, Hashable {
        case nothing
        /// Start an attempt.
        case open
    }

    /// The program wants a connection.
    public mutating func connect(now: MonotonicTime) -> OpenAction {
        switch self.state {
        case .off:
            self.failures = 0
            self.drains = 0
            self.open(.requested, now: now)
            return .open
        case .waiting: return self.reconnectNow(now: now)
        case .opening, .greeting, .connected: return .nothing
        }
    }

    /// The program does not want to wait for the next try.
    public mutating func reconnectNow(now: MonotonicTime) -> OpenAction {
        guard case .waiting = self.state else { return .nothing }
        self.open(.requested, now: now)
        return .open
    }

    /// What `networkChanged` asks for.
    public enum NetworkAction: Sendable, Hashable {
        case nothing
        /// Drop the attempt that runs, if any, and start one.
        case open
        /// Make the server answer something.
        case probe
    }

    /// The network came back or the machine woke: attempts that wait or hang start at once, a link is probed.
    public mutating func networkChanged(now: MonotonicTime) -> NetworkAction {
        let earliest = self.since + self.settings.changePause
        switch self.state {
        case .off: return .nothing
        case .waiting(let until):
            guard now >= earliest else {
                self.state = .waiting(until: min(until, earliest))
                return .nothing
            }
            self.open(.networkChanged, now: now)
            return .open
        case .opening, .greeting:
            // The network may have come back after the first packets of this attempt were lost.
            guard now >= earliest else { return .nothing }
            self.open(.networkChanged, now: now)
            return .open
        case .connected(var link):
            guard link.canProbe else { return .nothing }
            let deadline = now + self.settings.changeProbeTime
            // A deadline that passed while the machine slept says nothing about the server.
            let open = link.probe.flatMap { $0.deadline > now ? $0.deadline : nil }
            link.probe = (link.probe?.since ?? now, min(deadline, open ?? deadline))
            link.lastPing = now
            link.isAfterChange = true
            self.state = .connected(link)
            return .probe
        }
    }

    /// What `disconnect` asks for.
    public enum CloseAction: Sendable, Hashable {
        case nothing
        /// Forget the attempt, or close the socket that is open.
        case close
    }

    /// The program wants no connection any more.
    public mutating func disconnect(now: MonotonicTime) -> CloseAction {
        let action: CloseAction
        switch self.state {
        case .off: return .nothing
        case .waiting: action = .nothing
        case .opening, .greeting, .connected: action = .close
        }
        self.failures = 0
        self.enter(.off, .disconnectRequested, now: now)
        return action
    }

    /// What `opened` asks for.
    public enum OpenedAction: Sendable, Hashable {
        /// Wait for the greeting.
        case wait
        /// Nobody wants this socket any more.
        case abandon
    }

    /// A socket is open; `beats` when it can be pinged.
    public mutating func opened(beats: Bool, now: MonotonicTime) -> OpenedAction {
        guard case .opening(let deadline) = self.state else { return .abandon }
        self.state = .greeting(deadline: deadline, beats: beats)
        return .wait
    }

    /// What `greeted` asks for.
    public enum GreetedAction: Sendable, Hashable {
        case nothing
        /// The connection is up: join what is to be joined.
        case ready
    }

    /// The server's `CONNECT/CONNECTION` came; `resumed` says whether it gave back a lost session.
    ///
    /// `answers` tells whether heartbeats are answered, `canProbe` whether a probe is.
    public mutating func greeted(
        userId: String?,
        resumed: Bool?,
        answers: Bool = true,
        canProbe: Bool = true,
        now: MonotonicTime
    ) -> GreetedAction {
        guard case .greeting(_, let beats) = self.state else { return .nothing }
        self.lastHeard = now
        self.lag = nil
        self.userId = userId
        self.resumed = resumed
        let link = Link(
            since: now,
            nextBeat: beats ? now : nil,
            allowedBeats: answers ? 1 : 2,
            canProbe: beats && canProbe
        )
        self.enter(.connected(link), .greeted, now: now)
        return .ready
    }

    /// What a failed attempt or a lost socket asks for.
    public enum LostAction: Sendable, Hashable {
        case nothing
        /// The machine waits for the next try.
        case wait
        /// The machine has given up.
        case stop
    }

    /// The attempt failed before a socket was open; `random` is drawn evenly from 0 up to 1.
    ///
    /// `mayChange` says that the next attempt differs in what was refused, so a permanent refusal does not end them.
    public mutating func failed(
        _ error: PondError,
        mayChange: Bool = false,
        now: MonotonicTime,
        random: Double
    ) -> LostAction {
        guard case .opening = self.state else { return .nothing }
        if !mayChange, self.isPermanent(error) {
            self.failures += 1
            self.enter(.off, .failed(error), now: now)
            return .stop
        }
        return self.lose(.failed(error), atLeast: error.retryAfter, now: now, random: random)
    }

    /// Whether the server refused the client and says that trying again is of no use.
    private func isPermanent(_ error: PondError) -> Bool {
        guard !error.temporary, (400..<500).contains(error.code) else { return false }
        return !self.settings.retriedRefusals.contains(error.code)
    }

    /// The socket ended.
    public mutating func ended(_ end: TransportEnd, now: MonotonicTime, random: Double) -> LostAction {
        switch self.state {
        case .off, .waiting, .opening: .nothing
        case .greeting, .connected: self.lose(.ended(end), atLeast: nil, now: now, random: random)
        }
    }

    /// Something came from the peer. Returns whether that answered a probe.
    @discardableResult
    public mutating func heard(now: MonotonicTime) -> Bool {
        guard case .connected(var link) = self.state else { return false }
        let wasProbing = link.probe != nil
        self.lastHeard = now
        guard wasProbing || link.missedBeats > 0 else { return false }
        link.missedBeats = 0
        link.probe = nil
        link.isAfterChange = false
        self.state = .connected(link)
        return wasProbing
    }

    /// The peer answered a ping. Returns whether that answered a probe.
    @discardableResult
    public mutating func ponged(now: MonotonicTime) -> Bool {
        let answered = self.heard(now: now)
        guard case .connected(var link) = self.state, let sent = link.lastPing else { return answered }
        self.lag = now - sent
        link.lastPing = nil
        self.state = .connected(link)
        return answered
    }

    /// The oldest of what the server has not answered was sent at `since`; `nil` when everything is answered.
    ///
    /// After `probeAfter` without an answer, and without any other sign of life, the link is probed.
    public mutating func unanswered(since: MonotonicTime?) {
        guard case .connected(var link) = self.state, link.unanswered != since else { return }
        link.unanswered = since
        self.state = .connected(link)
    }

    /// What `suspected` asks for.
    public enum SuspectAction: Sendable, Hashable {
        case nothing
        /// Drop the socket; the machine waits for the next try.
        case replace
        /// Drop the socket; the machine has given up.
        case giveUp
    }

    /// The server did not answer what it must answer: the link is replaced, though something may still come over it.
    public mutating func suspected(now: MonotonicTime, random: Double) -> SuspectAction {
        guard case .connected = self.state else { return .nothing }
        return self.lose(.unanswered, atLeast: nil, now: now, random: random) == .stop ? .giveUp : .replace
    }

    /// The server goes away soon and wants us to come again after a while.
    public mutating func drained(after: Duration, now: MonotonicTime) {
        guard case .connected(var link) = self.state else { return }
        if link.drainAt == nil {
            let held = now - link.since >= self.settings.backoff.cap
            self.drains = held ? 0 : self.drains + 1
        }
        // A server that drains every connection at once must not make the client reconnect without a pause.
        let earliest = link.since + self.settings.backoff.ceiling(failures: self.drains - 1)
        link.drainAt = max(now + min(max(after, .zero), self.settings.longestRequestedWait), earliest)
        self.state = .connected(link)
    }

    /// What `timePassed` asks for.
    public enum TimeAction: Sendable, Hashable {
        case nothing
        /// Start an attempt.
        case open
        /// Send a ping.
        case ping
        /// Make the server answer something: with a ping, or with a message where there are no pings.
        case probe
        /// Close the socket of a server that goes, and start an attempt.
        case reopen
        /// Drop the attempt or the socket; the machine waits for the next try.
        case abandon
        /// Drop the attempt or the socket; the machine has given up.
        case giveUp
    }

    /// Time has come to `nextDeadline`, or somewhere near it; `random` is drawn evenly from 0 up to 1.
    public mutating func timePassed(now: MonotonicTime, random: Double) -> TimeAction {
        switch self.state {
        case .off: return .nothing
        case .waiting(let until):
            guard now >= until else { return .nothing }
            self.open(.retry, now: now)
            return .open
        case .opening(let deadline), .greeting(let deadline, _):
            guard now >= deadline else { return .nothing }
            return self.drop(.timedOut, now: now, random: random)
        case .connected(let link):
            if let drainAt = link.drainAt, now >= drainAt {
                self.failures = 0
                self.open(.drained, now: now)
                return .reopen
            }
            return self.beat(link, now: now, random: random)
        }
    }

    private mutating func beat(_ link: Link, now: MonotonicTime, random: Double) -> TimeAction {
        var link = link
        if let probe = link.probe, now >= probe.deadline {
            guard self.slept(since: probe.deadline, now: now) else {
                return self.drop(.silent, now: now, random: random)
            }
            return self.probe(&link, since: probe.since, now: now)
        }
        if let due = link.probeAt(lastHeard: self.lastHeard, after: self.settings.probeAfter), now >= due {
            return self.probe(&link, since: max(link.unanswered ?? now, self.lastHeard ?? .zero), now: now)
        }
        guard let due = link.nextBeat, now >= due else { return .nothing }
        if link.missedBeats >= link.allowedBeats, !self.slept(since: due, now: now) {
            return self.drop(.silent, now: now, random: random)
        }
        link.missedBeats += 1
        link.lastPing = now
        link.nextBeat = now + self.settings.heartbeat
        self.state = .connected(link)
        return .ping
    }

    private mutating func probe(_ link: inout Link, since: MonotonicTime, now: MonotonicTime) -> TimeAction {
        let time = link.isAfterChange ? self.settings.changeProbeTime : self.settings.probeTime
        link.probe = (since, now + time)
        link.lastPing = now
        if link.nextBeat != nil { link.nextBeat = now + self.settings.heartbeat }
        self.state = .connected(link)
        return .probe
    }

    /// A timer that comes a whole interval late means that this process slept, not that the peer is gone.
    private func slept(since due: MonotonicTime, now: MonotonicTime) -> Bool {
        now - due >= self.settings.heartbeat
    }

    private mutating func drop(_ reason: ConnectionReason, now: MonotonicTime, random: Double) -> TimeAction {
        self.lose(reason, atLeast: nil, now: now, random: random) == .stop ? .giveUp : .abandon
    }

    private mutating func lose(
        _ reason: ConnectionReason,
        atLeast requested: Double?,
        now: MonotonicTime,
        random: Double
    ) -> LostAction {
        var counts = true
        var isAfterChange = false
        if case .connected(let link) = self.state {
            // A link that held for less than the last wait was no success: the waits go on growing.
            if now - link.since >= self.settings.backoff.ceiling(failures: self.failures) { self.failures = 0 }
            counts = link.drainAt == nil
            isAfterChange = link.isAfterChange
        }
        if counts { self.failures += 1 }
        if let most = self.settings.maxFailures, self.failures >= most {
            self.enter(.off, reason, now: now)
            return .stop
        }
        var delay = self.settings.backoff.delay(failures: max(1, self.failures), random: random)
        if isAfterChange { delay = .zero }
        if let requested, requested > 0 {
            delay = max(delay, min(.seconds(clamping: requested), self.settings.longestRequestedWait))
        }
        self.enter(.waiting(until: now + delay), reason, now: now)
        return .wait
    }

    private mutating func open(_ reason: ConnectionReason, now: MonotonicTime) {
        self.enter(.opening(deadline: now + self.settings.connectTime), reason, now: now)
    }

    private mutating func enter(_ state: State, _ reason: ConnectionReason, now: MonotonicTime) {
        self.state = state
        self.reason = reason
        self.since = now
    }
}
