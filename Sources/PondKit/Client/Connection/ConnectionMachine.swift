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
        var answerDue = false
        var drainAt: MonotonicTime?
    }

    private let settings: Settings
    private var state = State.off
    private var failures = 0
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
        case .connected:
            status.state = .connected
            status.lag = self.lag
        }
        return status
    }

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
        case .connected(let link): [link.nextBeat, link.drainAt].compactMap { $0 }.min()
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
    public mutating func greeted(userId: String?, resumed: Bool?, now: MonotonicTime) -> GreetedAction {
        guard case .greeting(_, let beats) = self.state else { return .nothing }
        self.lastHeard = now
        self.lag = nil
        self.userId = userId
        self.resumed = resumed
        self.enter(.connected(Link(since: now, nextBeat: beats ? now : nil)), .greeted, now: now)
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
    public mutating func failed(_ error: PondError, now: MonotonicTime, random: Double) -> LostAction {
        guard case .opening = self.state else { return .nothing }
        return self.lose(.failed(error), atLeast: error.retryAfter, now: now, random: random)
    }

    /// The socket ended.
    public mutating func ended(_ end: TransportEnd, now: MonotonicTime, random: Double) -> LostAction {
        switch self.state {
        case .off, .waiting, .opening: .nothing
        case .greeting, .connected: self.lose(.ended(end), atLeast: nil, now: now, random: random)
        }
    }

    /// Something came from the peer.
    public mutating func heard(now: MonotonicTime) {
        guard case .connected(var link) = self.state else { return }
        self.lastHeard = now
        link.answerDue = false
        self.state = .connected(link)
    }

    /// The peer answered a ping.
    public mutating func ponged(now: MonotonicTime) {
        self.heard(now: now)
        guard case .connected(var link) = self.state, let sent = link.lastPing else { return }
        self.lag = now - sent
        link.lastPing = nil
        self.state = .connected(link)
    }

    /// What `suspected` asks for.
    public enum SuspectAction: Sendable, Hashable {
        case nothing
        /// Send a ping now.
        case ping
    }

    /// An answer that should have come did not: find out soon whether the link is alive.
    public mutating func suspected(now: MonotonicTime) -> SuspectAction {
        guard case .connected(var link) = self.state, link.nextBeat != nil, !link.answerDue else { return .nothing }
        link.answerDue = true
        link.lastPing = now
        link.nextBeat = now + self.settings.heartbeat
        self.state = .connected(link)
        return .ping
    }

    /// The server goes away soon and wants us to come again after a while.
    public mutating func drained(after: Duration, now: MonotonicTime) {
        guard case .connected(var link) = self.state else { return }
        link.drainAt = now + min(max(after, .zero), self.settings.longestRequestedWait)
        self.state = .connected(link)
    }

    /// What `timePassed` asks for.
    public enum TimeAction: Sendable, Hashable {
        case nothing
        /// Start an attempt.
        case open
        /// Send a ping.
        case ping
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
        guard let due = link.nextBeat, now >= due else { return .nothing }
        // A timer that comes a whole interval late means that this process slept, not that the peer is gone.
        let slept = now - due >= self.settings.heartbeat
        if link.answerDue, !slept { return self.drop(.silent, now: now, random: random) }
        var link = link
        link.answerDue = true
        link.lastPing = now
        link.nextBeat = now + self.settings.heartbeat
        self.state = .connected(link)
        return .ping
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
        if case .connected(let link) = self.state {
            // A link that held for less than the last wait was no success: the waits go on growing.
            if now - link.since >= self.settings.backoff.ceiling(failures: self.failures) { self.failures = 0 }
            counts = link.drainAt == nil
        }
        if counts { self.failures += 1 }
        if let most = self.settings.maxFailures, self.failures >= most {
            self.enter(.off, reason, now: now)
            return .stop
        }
        var delay = self.settings.backoff.delay(failures: max(1, self.failures), random: random)
        if let requested, requested > 0 {
            let longest = self.settings.longestRequestedWait
            let asked = requested < longest.inSeconds ? Duration.nanoseconds(Int64(requested * 1e9)) : longest
            delay = max(delay, asked)
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
