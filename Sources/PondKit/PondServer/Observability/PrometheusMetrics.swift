public import PondCore
import PondRuntime

/// A collector that shows what it has in Prometheus's text format.
///
/// ```swift
/// let metrics = PrometheusMetrics()
/// options.metrics = metrics
/// // GET /metrics answers with metrics.text
/// ```
public final class PrometheusMetrics: MetricsCollector {
    private struct State {
        var connections: MetricSeries
        var opened: MetricSeries
        var closed: MetricSeries
        var lasted: MetricSeries
        var connectionErrors: MetricSeries
        var received: MetricSeries
        var receivedBytes: MetricSeries
        var sent: MetricSeries
        var sentBytes: MetricSeries
        var broadcasts: MetricSeries
        var recipients: MetricSeries
        var members: MetricSeries
        var joined: MetricSeries
        var left: MetricSeries
        var channels: MetricSeries
        var created: MetricSeries
        var destroyed: MetricSeries
        var durations: MetricSeries
        var depths: MetricSeries
        var errors: MetricSeries
        var blocked: MetricSeries

        init(limit: Int) {
            func make(_ name: String, _ help: String, _ labels: [String], _ kind: MetricSeries.Kind) -> MetricSeries {
                MetricSeries("pond_" + name, help, labels, kind, limit: limit)
            }
            let transport = ["endpoint", "transport"]
            let channel = ["endpoint", "channel"]
            let message = ["endpoint", "channel", "event"]
            let handler = ["endpoint", "handler"]
            let counts: [Double] = [1, 10, 100, 1_000, 10_000, 100_000]
            self.connections = make("connections", "Connections open now.", transport, .gauge)
            self.opened = make("connections_opened_total", "Connections accepted.", transport, .counter)
            self.closed = make("connections_closed_total", "Connections that ended.", transport, .counter)
            self.lasted = make(
                "connection_seconds",
                "How long connections lasted.",
                transport,
                .histogram([1, 10, 60, 600, 3_600, 36_000])
            )
            self.connectionErrors = make(
                "connection_errors_total",
                "Connections refused and rules broken.",
                ["endpoint", "kind"],
                .counter
            )
            self.received = make("messages_received_total", "Messages of clients.", message, .counter)
            self.receivedBytes = make("messages_received_bytes_total", "Bytes of them.", message, .counter)
            self.sent = make("messages_sent_total", "Messages handed to clients.", message, .counter)
            self.sentBytes = make("messages_sent_bytes_total", "Bytes of them.", message, .counter)
            self.broadcasts = make("broadcasts_total", "Broadcasts.", message, .counter)
            self.recipients = make("broadcast_recipients", "Members a broadcast went to.", channel, .histogram(counts))
            self.members = make("members", "Members now.", channel, .gauge)
            self.joined = make("joins_total", "Joins accepted.", channel, .counter)
            self.left = make("leaves_total", "Memberships that ended.", channel + ["reason"], .counter)
            self.channels = make("channels", "Channels alive now.", channel, .gauge)
            self.created = make("channels_created_total", "Channels made.", channel, .counter)
            self.destroyed = make("channels_destroyed_total", "Channels that emptied.", channel, .counter)
            self.durations = make(
                "handler_seconds",
                "How long handlers took.",
                handler,
                .histogram([0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1, 10])
            )
            self.depths = make("queue_depth", "Messages waiting behind a handler.", channel, .histogram(counts))
            self.errors = make("errors_total", "Handlers that failed.", handler + ["kind"], .counter)
            self.blocked = make(
                "handler_blocked_seconds_total",
                "Time that handlers kept their event loops from everything else.",
                handler,
                .counter
            )
        }

        var all: [MetricSeries] {
            [
                self.connections, self.opened, self.closed, self.lasted, self.connectionErrors, self.received,
                self.receivedBytes, self.sent, self.sentBytes, self.broadcasts, self.recipients, self.members,
                self.joined, self.left, self.channels, self.created, self.destroyed, self.durations, self.depths,
                self.errors, self.blocked,
            ]
        }
    }

    private let state: Lock<State>

    /// An empty collection; each metric keeps at most `series` combinations of labels apart.
    public init(series: Int = 1_000) { self.state = Lock(State(limit: series)) }

    /// Everything there is, as `text/plain; version=0.0.4`.
    public var text: String {
        let all = self.state.withLock { $0.all }
        var text = ""
        for series in all { series.write(into: &text) }
        return text
    }

    public func connectionOpened(endpoint: String, transport: TransportKind) {
        let labels = [endpoint, transport.description]
        self.state.withLock { state in
            state.connections.add(1, labels)
            state.opened.add(1, labels)
        }
    }

    public func connectionClosed(endpoint: String, transport: TransportKind, lasted: Duration) {
        let labels = [endpoint, transport.description]
        self.state.withLock { state in
            state.connections.add(-1, labels)
            state.closed.add(1, labels)
            state.lasted.add(lasted.inSeconds, labels)
        }
    }

    public func connectionError(endpoint: String, kind: String) {
        self.state.withLock { $0.connectionErrors.add(1, [endpoint, kind]) }
    }

    public func messageReceived(endpoint: String, channel: String, event: String, bytes: Int) {
        let labels = [endpoint, channel, event]
        self.state.withLock { state in
            state.received.add(1, labels)
            state.receivedBytes.add(Double(bytes), labels)
        }
    }

    public func messageSent(endpoint: String, channel: String, event: String, bytes: Int, recipients: Int) {
        let labels = [endpoint, channel, event]
        self.state.withLock { state in
            state.sent.add(Double(recipients), labels)
            state.sentBytes.add(Double(bytes * recipients), labels)
        }
    }

    public func messageBroadcast(endpoint: String, channel: String, event: String, recipients: Int) {
        self.state.withLock { state in
            state.broadcasts.add(1, [endpoint, channel, event])
            state.recipients.add(Double(recipients), [endpoint, channel])
        }
    }

    public func channelJoined(endpoint: String, channel: String) {
        self.state.withLock { state in
            state.members.add(1, [endpoint, channel])
            state.joined.add(1, [endpoint, channel])
        }
    }

    public func channelLeft(endpoint: String, channel: String, reason: LeaveReason) {
        self.state.withLock { state in
            state.members.add(-1, [endpoint, channel])
            state.left.add(1, [endpoint, channel, reason.rawValue])
        }
    }

    public func channelCreated(endpoint: String, channel: String) {
        self.state.withLock { state in
            state.channels.add(1, [endpoint, channel])
            state.created.add(1, [endpoint, channel])
        }
    }

    public func channelDestroyed(endpoint: String, channel: String) {
        self.state.withLock { state in
            state.channels.add(-1, [endpoint, channel])
            state.destroyed.add(1, [endpoint, channel])
        }
    }

    public func handlerDuration(endpoint: String, handler: HandlerKind, duration: Duration) {
        self.state.withLock { $0.durations.add(duration.inSeconds, [endpoint, handler.rawValue]) }
    }

    public func queueDepth(endpoint: String, channel: String, depth: Int) {
        self.state.withLock { $0.depths.add(Double(depth), [endpoint, channel]) }
    }

    public func error(endpoint: String, handler: HandlerKind, error: any Error) {
        let kind = (error as? PondError)?.kind.description ?? "other"
        self.state.withLock { $0.errors.add(1, [endpoint, handler.rawValue, kind]) }
    }

    public func handlerBlocked(endpoint: String, handler: HandlerKind, duration: Duration) {
        self.state.withLock { $0.blocked.add(duration.inSeconds, [endpoint, handler.rawValue]) }
    }
}
