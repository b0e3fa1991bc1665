import PondKit
import PondTesting
import Testing

@Suite struct HooksAndMetricsTests {
    private final class Journal: Sendable {
        private let lines = Lock<[String]>([])
        func note(_ line: String) { self.lines.withLock { $0.append(line) } }
        var all: [String] { self.lines.withLock { $0 } }
    }

    private func application(_ configure: (inout PondOptions) -> Void) throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        configure(&options)
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("message") { $0.broadcast("message", $0.payload) }
        try lobby.onMessage("crash") { _ in throw PondError.badRequest("no") }
        return pond
    }

    @Test func callsTheHooksInOrder() throws {
        let journal = Journal()
        let pond = try self.application { options in
            options.hooks.onConnect = { journal.note("connect \($0.userId)") }
            options.hooks.onDisconnect = { journal.note("disconnect \($0.userId) \($1.code)") }
            options.hooks.beforeJoin = { user, channel in
                journal.note("beforeJoin \(user.id) \(channel)")
                if channel == "/room/never" { throw PondError.forbidden("never") }
            }
            options.hooks.afterJoin = { journal.note("afterJoin \($0.id) \($1)") }
            options.hooks.beforeMessage = { journal.note("before \($0.id) \($1) \($2)") }
            options.hooks.afterMessage = { journal.note("after \($0.id) \($1) \($2) \($3 == nil)") }
        }
        let alice = try pond.test.connect("/socket?id=a")
        alice.join("/room/1")
        alice.join("/room/never")
        alice.send("/room/1", "message")
        alice.send("/room/1", "crash")
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "UNAUTHORIZED", "message", "CHANNEL_ERROR"])
        alice.close(code: 1000)
        pond.test.run()
        #expect(
            journal.all == [
                "connect a", "beforeJoin a /room/1", "afterJoin a /room/1", "beforeJoin a /room/never",
                "before a /room/1 message", "after a /room/1 message true", "before a /room/1 crash",
                "after a /room/1 crash false", "disconnect a 1000",
            ]
        )
    }

    @Test func logsAFailingHookUnderItsOwnName() throws {
        struct Broken: Error {}
        let log = LogKeeper()
        let pond = try self.application { options in
            options.log = log
            options.hooks.beforeJoin = { _, channel in if channel == "/room/never" { throw Broken() } }
            options.hooks.beforeMessage = { _, _, _ in throw Broken() }
        }
        let alice = try pond.test.connect("/socket?id=a")
        alice.join("/room/never")
        alice.join("/room/1")
        alice.send("/room/1", "message")
        #expect(alice.receiveAll().map(\.event) == ["UNAUTHORIZED", "ACKNOWLEDGE", "INTERNAL_SERVER_ERROR"])
        #expect(
            log.lines == [
                "beforeJoin hook of /room/:id failed: Broken()",
                "beforeMessage hook of message in /room/:id failed: Broken()",
            ]
        )
    }

    @Test func showsEverySignalInPrometheusText() throws {
        let metrics = PrometheusMetrics()
        let pond = try self.application { $0.metrics = metrics }
        let alice = try pond.test.connect("/socket?id=a")
        let bob = try pond.test.connect("/socket?id=b")
        for session in [alice, bob] { session.join("/room/1") }
        alice.send("/room/1", "message", ["text": "hi"])
        alice.send("/room/1", "crash")
        alice.send(text: "nonsense")
        bob.leave("/room/1")
        pond.test.advance(by: .seconds(5))
        alice.close()
        pond.test.run()
        #expect(throws: PondError.self) { try pond.test.connect("/nowhere") }
        let lines = Set(metrics.text.split(separator: "\n").map(String.init))
        let room = #"endpoint="/socket",channel="/room/:id""#
        for line in [
            #"pond_connections{endpoint="/socket",transport="websocket"} 1"#,
            #"pond_connections_opened_total{endpoint="/socket",transport="websocket"} 2"#,
            #"pond_connections_closed_total{endpoint="/socket",transport="websocket"} 1"#,
            #"pond_connection_seconds_bucket{endpoint="/socket",transport="websocket",le="1"} 0"#,
            #"pond_connection_seconds_bucket{endpoint="/socket",transport="websocket",le="10"} 1"#,
            #"pond_connection_seconds_bucket{endpoint="/socket",transport="websocket",le="+Inf"} 1"#,
            #"pond_connection_seconds_count{endpoint="/socket",transport="websocket"} 1"#,
            #"pond_connection_errors_total{endpoint="",kind="unknown path"} 1"#,
            #"pond_connection_errors_total{endpoint="/socket",kind="invalid"} 1"#,
            "pond_messages_received_total{\(room),event=\"message\"} 1",
            "pond_messages_sent_total{\(room),event=\"message\"} 2",
            "pond_messages_sent_total{\(room),event=\"CHANNEL_ERROR\"} 1",
            "pond_broadcasts_total{\(room),event=\"message\"} 1",
            "pond_broadcast_recipients_sum{\(room)} 2",
            "pond_members{\(room)} 0",
            "pond_joins_total{\(room)} 2",
            "pond_leaves_total{\(room),reason=\"explicit_leave\"} 1",
            "pond_leaves_total{\(room),reason=\"connection_closed\"} 1",
            "pond_channels{\(room)} 0",
            "pond_channels_created_total{\(room)} 1",
            "pond_channels_destroyed_total{\(room)} 1",
            #"pond_handler_seconds_count{endpoint="/socket",handler="message"} 2"#,
            #"pond_errors_total{endpoint="/socket",handler="message",kind="badRequest"} 1"#,
            "# TYPE pond_handler_seconds histogram",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func boundsTheSeriesThatAClientCanBegin() {
        let metrics = PrometheusMetrics(series: 3)
        for index in 0..<100 {
            metrics.messageReceived(endpoint: "/s", channel: "/c", event: "e\(index)\"\n", bytes: 1)
        }
        let lines = metrics.text.split(separator: "\n").filter { $0.hasPrefix("pond_messages_received_total{") }
        #expect(lines.count == 4)
        #expect(lines.contains { $0.hasSuffix(#"{endpoint="other",channel="other",event="other"} 97"#) })
        #expect(lines.contains { $0.contains(#"event="e0\"\n""#) })
    }
}
