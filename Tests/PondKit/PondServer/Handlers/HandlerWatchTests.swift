import PondKit
import PondTesting
import Testing

/// The log and the metrics name a handler that keeps its event loop from everything else.
@Suite struct HandlerWatchTests {
    private func application(
        _ log: LogKeeper,
        _ metrics: PrometheusMetrics,
        work: @escaping @Sendable (ManualClock, Duration) -> Void
    ) throws -> (PondSocket, PondTestSession) {
        var options = PondOptions()
        options.log = log
        options.metrics = metrics
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.lobby("/room/:id") { $0.accept() }
        let clock = Lock<ManualClock?>(nil)
        try lobby.onMessage("slow") { context in
            if let clock = clock.withLock({ $0 }) { work(clock, .milliseconds(context.payload["ms"]?.int ?? 0)) }
        }
        try lobby.onMessage("suspends") { context async in
            await Task.yield()
            if let clock = clock.withLock({ $0 }) { work(clock, .milliseconds(context.payload["ms"]?.int ?? 0)) }
        }
        clock.withLock { $0 = pond.test.clock }
        let ann = try pond.test.connect("/socket")
        ann.join("/room/1")
        _ = ann.receiveAll()
        return (pond, ann)
    }

    @Test func namesTheHandlerThatBlockedItsLoopAndNoOther() throws {
        let (log, metrics) = (LogKeeper(), PrometheusMetrics())
        let (_, ann) = try self.application(log, metrics) { $0.advance(by: $1) }
        ann.send("/room/1", "slow", ["ms": 100])
        _ = ann.receiveAll()
        #expect(log.lines.isEmpty)
        ann.send("/room/1", "slow", ["ms": 250])
        ann.send("/room/1", "slow", ["ms": 10])
        _ = ann.receiveAll()
        #expect(log.lines.count == 1)
        let line = try #require(log.lines.first)
        #expect(line.contains("the handler of slow in /room/:id blocked event loop \"test-0\" for 250 ms"))
        let series = #"pond_handler_blocked_seconds_total{endpoint="/socket",handler="message"} 0.25"#
        #expect(metrics.text.contains(series))
    }

    @Test func namesTheHandlersThatMaySuspend() async throws {
        let (log, metrics) = (LogKeeper(), PrometheusMetrics())
        let (pond, ann) = try self.application(log, metrics) { $0.advance(by: $1) }
        ann.send("/room/1", "suspends", ["ms": 300])
        pond.test.run()
        #expect(log.lines.contains { $0.contains("a message handler of /room/:id that may suspend blocked") })
    }
}
