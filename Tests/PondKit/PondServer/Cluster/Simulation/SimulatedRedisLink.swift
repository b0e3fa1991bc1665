import PondTesting

@testable import PondCore
@testable import PondRuntime

/// One connection of a node to the Redis of a simulation, made anew whenever it is lost.
///
/// Commands and answers take their time and keep their order. A connection that is cut may have carried what was on its
/// way to the server or not; answers on their way are lost.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedRedisLink: @unchecked Sendable {
    /// A command: what it does in the server, which gives what to do with the answer.
    typealias Command = () -> () -> Void

    /// What became of commands in flight when their connection was lost.
    enum Loss {
        /// They are sent again, before all others.
        case resend
        /// They are given up.
        case drop
    }

    /// One life of the connection.
    private final class Wire {
        var carriesOut = true
        var isOpen = true
    }

    private let redis: SimulatedRedis
    private let loop: EventLoop
    private let loss: Loss
    private var random: SeededRandom
    private var wire: Wire?
    private var waiting: [(number: Int, command: Command)] = []
    private var inFlight: [(number: Int, command: Command)] = []
    private var number = 0
    private var lastOut = MonotonicTime.zero
    private var lastIn = MonotonicTime.zero
    private var isAttempting = false
    private var isDead = false
    private var wasReady = false
    /// Whether this node cannot reach the server; nobody is told.
    private(set) var isPartitioned = false
    var slowest: Duration = .milliseconds(5)
    /// What the server sends this connection messages of.
    private(set) var topics: Set<String> = []

    var whenReady: (_ isReturn: Bool) -> Void = { _ in }
    var whenLost: (_ dropped: Int) -> Void = { _ in }
    var whenPushed: (_ topic: String, _ bytes: [UInt8]) -> Void = { _, _ in }

    init(to redis: SimulatedRedis, on loop: EventLoop, _ loss: Loss, seed: UInt64) {
        self.redis = redis
        self.loop = loop
        self.loss = loss
        self.random = SeededRandom(seed: seed)
        redis.add(self)
        loop.execute { self.attempt() }
    }

    private func delay(_ longest: Duration) -> Duration {
        .nanoseconds(Int64.random(in: 0...max(1, longest.wholeNanoseconds), using: &self.random))
    }

    private func carry(after last: inout MonotonicTime, _ body: @escaping () -> Void) {
        last = max(last + .nanoseconds(1), self.loop.now + self.delay(self.slowest))
        self.loop.schedule(after: last - self.loop.now, body)
    }

    // The connection

    private func attempt() {
        guard !self.isDead, self.wire == nil, !self.isAttempting else { return }
        self.isAttempting = true
        self.loop.schedule(after: self.delay(.milliseconds(20))) {
            self.isAttempting = false
            guard !self.isDead, self.wire == nil else { return }
            // A server that stands still takes connections, and greets nobody.
            guard case .up = self.redis.state, !self.isPartitioned else {
                self.isAttempting = true
                self.loop.schedule(after: self.delay(.milliseconds(2_500))) {
                    self.isAttempting = false
                    self.attempt()
                }
                return
            }
            self.wire = Wire()
            self.topics = []
            let isReturn = self.wasReady
            self.wasReady = true
            self.whenReady(isReturn)
            self.speak()
            self.ping()
        }
    }

    /// Notices after a while that the server does not answer.
    private func ping() {
        guard let wire = self.wire else { return }
        var isAnswered = false
        self.transmit(over: wire) { { isAnswered = true } }
        self.loop.schedule(after: .milliseconds(700)) {
            guard self.wire === wire else { return }
            if isAnswered { self.ping() } else { self.broken() }
        }
    }

    /// The connection is lost, and made anew.
    func broken() {
        guard let wire = self.wire else { return }
        self.wire = nil
        wire.isOpen = false
        if Bool.random(using: &self.random) { wire.carriesOut = false }
        self.topics = []
        let dropped = self.loss == .drop ? self.inFlight.count : 0
        if self.loss == .resend { self.waiting = self.inFlight + self.waiting }
        self.inFlight = []
        guard !self.isDead else { return }
        self.whenLost(dropped)
        self.attempt()
    }

    /// Nothing passes any more until `heal`, and nobody is told.
    func partition() {
        self.isPartitioned = true
        self.wire?.carriesOut = false
    }

    func heal() {
        guard self.isPartitioned else { return }
        self.isPartitioned = false
        self.broken()
        self.attempt()
    }

    /// The node is no more; what is on its way may still arrive.
    func die() {
        self.isDead = true
        self.broken()
    }

    // Commands

    func send(_ command: @escaping Command) {
        guard !self.isDead else { return }
        self.number += 1
        self.waiting.append((self.number, command))
        self.speak()
    }

    private func speak() {
        guard let wire = self.wire else { return }
        let waiting = self.waiting
        self.waiting = []
        for (number, command) in waiting {
            self.inFlight.append((number, command))
            self.transmit(over: wire) {
                let done = command()
                return {
                    self.inFlight.removeAll { $0.number == number }
                    done()
                }
            }
        }
    }

    private func transmit(over wire: Wire, _ command: @escaping Command) {
        self.carry(after: &self.lastOut) {
            guard wire.carriesOut else { return }
            self.redis.arrived {
                let done = command()
                self.carry(after: &self.lastIn) {
                    if self.wire === wire, wire.carriesOut, !self.isDead { done() }
                }
            }
        }
    }

    // Messages

    /// Asks the server for the messages of a topic; `then` when it has confirmed.
    func subscribe(to topic: String, then: @escaping () -> Void) {
        guard let wire = self.wire else { return }
        self.transmit(over: wire) {
            if self.wire === wire { self.topics.insert(topic) }
            return then
        }
    }

    /// Asks the server for no more messages of a topic.
    func unsubscribe(from topic: String) {
        guard let wire = self.wire else { return }
        self.transmit(over: wire) {
            if self.wire === wire { self.topics.remove(topic) }
            return {}
        }
    }

    /// The server sends a message.
    func push(_ topic: String, _ bytes: [UInt8]) {
        guard let wire = self.wire, wire.carriesOut else { return }
        self.carry(after: &self.lastIn) {
            if self.wire === wire, wire.carriesOut, !self.isDead { self.whenPushed(topic, bytes) }
        }
    }
}
