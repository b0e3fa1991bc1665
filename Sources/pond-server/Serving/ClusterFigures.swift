import PondKit

/// What the server's cluster did so far, in the text format of Prometheus.
struct ClusterFigures {
    let statistics: ClusterStatistics
    /// Whether Redis answers in time.
    let answers: Bool

    var text: String {
        let carrier = self.statistics.carrier
        let counters = [
            ("messages_published", "Messages handed to Redis for the other servers.", carrier.published),
            ("messages_received", "Messages of any server that arrived.", carrier.received),
            ("messages_lost", "Messages that certainly or possibly reached nobody.", carrier.lost),
            ("reconnects", "How often the way to Redis was restored.", carrier.reconnects),
            ("messages_taken", "Messages of other servers that were taken.", self.statistics.taken),
            (
                "overflows", "Users of other servers who were not kept because there are too many.",
                self.statistics.overflows
            ),
            ("dead_servers", "Servers that were taken for dead.", self.statistics.deadNodes),
        ]
        let gauges = [
            ("messages_waiting", "Messages that wait for Redis.", carrier.waiting),
            (
                "answers", "Whether Redis answers in time; where not, this server goes on without the others.",
                self.answers ? 1 : 0
            ),
            ("connected", "Whether Redis can be reached.", carrier.isConnected ? 1 : 0),
        ]
        let refused = self.statistics.refused.sorted { $0.key < $1.key }
            .map { "pond_cluster_messages_refused_total{reason=\"\($0.key)\"} \($0.value)\n" }
        return counters.map { Self.head("\($0.0)_total", $0.1, "counter") + "pond_cluster_\($0.0)_total \($0.2)\n" }
            .joined()
            + gauges.map { Self.head($0.0, $0.1, "gauge") + "pond_cluster_\($0.0) \($0.2)\n" }.joined()
            + Self.head("messages_refused_total", "Messages that were refused, by reason.", "counter")
            + refused.joined()
    }

    private static func head(_ name: String, _ help: String, _ type: String) -> String {
        "# HELP pond_cluster_\(name) \(help)\n# TYPE pond_cluster_\(name) \(type)\n"
    }
}
