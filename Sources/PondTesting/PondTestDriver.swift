public import PondKit

/// Runs a server without a network, threads or time of its own: on the test's thread, when the test says so.
///
/// ```swift
/// let alice = try pond.test.connect("/socket?username=alice")
/// alice.join("/chat/1")
/// #expect(alice.receive()?.event == "ACKNOWLEDGE")
/// alice.send("/chat/1", "message", ["text": "hi"])
/// #expect(alice.receive()?.payload["text"] == "hi")
/// ```
public final class PondTestDriver: Sendable {
    /// The server under test.
    public let pond: PondSocket
    /// The time, which stands still until a test moves it.
    public let clock: ManualClock
    /// The loops of the server's shards.
    public let loops: [EventLoop]

    /// Starts a server on loops that this driver runs.
    ///
    /// Traps where the server was started before, by another driver for example: the clock of a second driver would
    /// move nothing.
    public init(_ pond: PondSocket, shards: Int = 1) {
        precondition(
            pond.loops.isEmpty,
            "the server under test has been started already; a server has one PondTestDriver: use the first one"
        )
        let clock = ManualClock()
        self.pond = pond
        self.clock = clock
        self.loops = pond.start(on: (0..<max(shards, 1)).map { EventLoop(name: "test-\($0)", clock: clock) })
    }

    /// Runs everything that is due until nothing is left to do now.
    public func run() {
        guard self.loops.count > 1 else {
            self.loops.first?.runUntilIdle()
            return
        }
        // Work may pass from each loop to each other one a few times before it ends.
        for _ in 0..<(4 + 2 * self.loops.count) {
            for loop in self.loops { loop.runUntilIdle() }
        }
    }

    /// Moves the time and runs what has become due.
    public func advance(by duration: Duration) {
        self.run()
        self.clock.advance(by: duration)
        self.run()
    }

    /// Connects to an endpoint: `/socket?name=value`; throws what the connection handler declined with.
    public func connect(
        _ target: String,
        headers: HTTPHeaders = HTTPHeaders(),
        kind: TransportKind = .webSocket,
        address: String = "127.0.0.1",
        shard: Int = 0
    ) throws(PondError) -> PondTestSession {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = ConnectionRequest(
            path: String(parts[0]),
            query: try RoutePattern("*").match(target)?.query ?? [:],
            headers: headers,
            remoteAddress: address,
            kind: kind
        )
        let session = PondTestSession(driver: self, loop: self.loops[shard % self.loops.count])
        session.open(request)
        self.run()
        if let refusal = session.refusal { throw refusal }
        session.begin()
        return session
    }
}

extension PondSocket {
    /// The driver of this server's tests; the first use starts the server.
    public var test: PondTestDriver { self.companion { PondTestDriver(self) } }

    /// The driver of this server's tests, on so many shards where it is the first use.
    public func test(shards: Int) -> PondTestDriver { self.companion { PondTestDriver(self, shards: shards) } }
}
