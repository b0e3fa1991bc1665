import PondKit
import PondTesting
import Testing

@Suite struct MiddlewareTests {
    private func quiet() -> PondOptions {
        var options = PondOptions()
        options.log = SilentLog()
        return options
    }

    @Test func runsInTheOrderItWasAddedFromTheServerInwards() throws {
        let pond = PondSocket(options: self.quiet().onTestCarrier)
        let seen = Lock<[String]>([])
        @Sendable func note(_ word: String) { seen.withLock { $0.append(word) } }
        pond.use { (_: ConnectionContext, next: () throws -> Void) in
            note("server")
            try next()
            note("back")
        }
        let own = Middleware<ConnectionContext> { _, next in
            note("own")
            try next()
        }
        let endpoint = try pond.createEndpoint("/socket", own) { context in
            note("handler")
            context.accept()
        }
        endpoint.use(
            Middleware<ConnectionContext> { _, next in
                note("endpoint")
                try next()
            }
        )
        _ = try pond.test.connect("/socket")
        #expect(seen.withLock { $0 } == ["server", "endpoint", "own", "handler", "back"])
    }

    @Test func stopsWhereAStepDoesNotGoOn() throws {
        let pond = PondSocket(options: self.quiet().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let ran = Lock(0)
        endpoint.use(
            Middleware<JoinContext> { context, next in
                if context.channelParams["id"] == "closed" { return context.decline(403, "closed") }
                try next()
            }
        )
        let lobby = try endpoint.createChannel("/room/:id") { context in
            ran.withLock { $0 += 1 }
            context.accept()
        }
        lobby.use(
            Middleware<EventContext> { context, next in
                if context.eventName == "forbidden" { throw PondError.forbidden("not that") }
                try await next()
            }
        )
        try lobby.onMessage("*") { $0.reply("done") }
        let alice = try pond.test.connect("/socket")
        alice.join("/room/closed")
        #expect(alice.receiveAll().map(\.event) == ["UNAUTHORIZED"])
        #expect(ran.withLock { $0 } == 0)
        alice.join("/room/open")
        alice.send("/room/open", "forbidden")
        alice.send("/room/open", "allowed")
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "CHANNEL_ERROR", "done"])
    }

    @Test func goesOnFromAStepThatCannotSuspendToAHandlerThatDoes() throws {
        let gate = Gate()
        let pond = PondSocket(options: self.quiet().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room") { $0.accept() }
        let plain = Middleware<EventContext> { _, next in try next() }
        try lobby.onMessage("slow", plain) { context in
            await gate.wait()
            context.reply("slow")
        }
        let alice = try pond.test.connect("/socket")
        alice.join("/room")
        alice.send("/room", "slow")
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE"])
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["slow"])
    }

    @Test func limitsTheRateOfOneHandler() throws {
        let pond = PondSocket(options: self.quiet().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let joins = TokenBucketRateLimiter(rate: 1, capacity: 2)
        let lobby = try endpoint.createChannel("/room/:id", withJoinRateLimiter(joins)) { $0.accept() }
        let limiter = TokenBucketRateLimiter(rate: 2, capacity: 2)
        try lobby.onMessage("message", withRateLimiter(limiter)) { $0.reply("done") }
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        alice.join("/room/1")
        bob.join("/room/1")
        alice.join("/room/2")
        for _ in 0..<3 { alice.send("/room/1", "message") }
        bob.send("/room/1", "message")
        let answers = alice.receiveAll()
        #expect(answers.map(\.event) == ["ACKNOWLEDGE", "UNAUTHORIZED", "done", "done", "CHANNEL_ERROR"])
        #expect(answers[1].payload["code"] == 429)
        #expect(answers[4].payload["retryAfter"]?.double == 0.5)
        #expect(bob.receiveAll().map(\.event) == ["ACKNOWLEDGE", "done"])
        pond.test.advance(by: .seconds(1))
        alice.send("/room/1", "message")
        #expect(alice.receiveAll().map(\.event) == ["done"])
    }

    @Test func forgetsQuietKeysAndBoundsBusyOnes() {
        let limiter = TokenBucketRateLimiter(rate: 1, capacity: 1, keys: 2_000)
        for key in 0..<5_000 { _ = limiter.take("\(key)", now: .zero) }
        #expect(limiter.count == 2_000)
        #expect(limiter.take("new", now: .zero) == 1)
        #expect(limiter.take("new", now: .zero + .seconds(2)) == nil)
        #expect(limiter.count == 1)
    }
}
