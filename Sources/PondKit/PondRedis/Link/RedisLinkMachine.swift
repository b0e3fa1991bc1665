import PondCore

/// One connection to a Redis server that comes back when it is lost: when to connect, to greet, to ping, to give up.
struct RedisLinkMachine: Sendable {
    private enum State: Sendable, Hashable {
        /// Nothing was asked for yet. Can become `connecting` or `closed`.
        case idle
        /// An attempt runs. Can become `greeting`, `waiting` or `closed`.
        case connecting
        /// So many answers to the greeting are to come. Can become `ready`, `waiting` or `closed`.
        case greeting(answers: Int)
        /// Commands may be sent. Can become `waiting` or `closed`.
        case ready(isPinged: Bool)
        /// Waits before the next attempt. Can become `connecting` or `closed`.
        case waiting
        /// Over. Final.
        case closed
    }

    /// What a connection that was made, or its timer, calls for.
    enum Action: Sendable, Hashable {
        case nothing
        case connect
        /// Sends the greeting.
        case greet
        /// Sends a ping.
        case ping
        /// The connection is useless: cut it; its end is told to `lost`.
        case cut(String)
        /// Tries again after a while.
        case retry(after: Duration)
    }

    /// What to do with a value from the server.
    enum Reception: Sendable, Hashable {
        case nothing
        /// The server has let us in.
        case ready
        /// A value for the owner of the link.
        case value
        /// The server does not let us in.
        case cut(String)
    }

    private var state: State = .idle
    private let greetings: Int
    private let backoff: Backoff
    private var failures = 0

    init(greetings: Int, backoff: Backoff) {
        self.greetings = greetings
        self.backoff = backoff
    }

    var isReady: Bool {
        if case .ready = self.state { true } else { false }
    }

    mutating func start() -> Action {
        guard case .idle = self.state else { return .nothing }
        self.state = .connecting
        return .connect
    }

    mutating func connected() -> Action {
        guard case .connecting = self.state else { return .cut("not wanted any more") }
        self.state = .greeting(answers: self.greetings)
        return .greet
    }

    /// A value arrived; the owner knows nothing of greetings and pings.
    mutating func received(_ value: RESPValue) -> Reception {
        switch self.state {
        case .greeting(let answers):
            if case .error(let text) = value { return .cut(String(decoding: text, as: UTF8.self)) }
            guard answers <= 1 else {
                self.state = .greeting(answers: answers - 1)
                return .nothing
            }
            self.state = .ready(isPinged: false)
            self.failures = 0
            return .ready
        case .ready:
            self.state = .ready(isPinged: false)
            return value.isPong ? .nothing : .value
        case .idle, .connecting, .waiting, .closed:
            return .nothing
        }
    }

    /// The time between pings has passed.
    mutating func pingDue() -> Action {
        switch self.state {
        case .ready(isPinged: false):
            self.state = .ready(isPinged: true)
            return .ping
        case .ready(isPinged: true): return .cut("no answer")
        case .greeting: return .cut("no answer to the greeting")
        case .idle, .connecting, .waiting, .closed: return .nothing
        }
    }

    /// The connection ended, or could not be made; `random` is drawn evenly from 0 up to 1.
    mutating func lost(random: Double) -> Action {
        switch self.state {
        case .idle, .waiting, .closed: return .nothing
        case .connecting, .greeting, .ready:
            self.failures += 1
            self.state = .waiting
            return .retry(after: self.backoff.delay(failures: self.failures, random: random))
        }
    }

    /// The wait before the next attempt is over.
    mutating func waited() -> Action {
        guard case .waiting = self.state else { return .nothing }
        self.state = .connecting
        return .connect
    }

    mutating func closed() { self.state = .closed }
}

extension RESPValue {
    /// The answer to a ping, as given while subscribed and while not.
    fileprivate var isPong: Bool {
        switch self {
        case .simple(let text): text == Array("PONG".utf8)
        case .array(let items), .push(let items): items.first == .bulk(Array("pong".utf8))
        default: false
        }
    }
}
