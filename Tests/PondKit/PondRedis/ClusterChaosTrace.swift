import Foundation

@testable import PondCore
@testable import PondRuntime

/// What happened in a run of the cluster chaos test: what the test did and what each node logged, by one clock.
final class ClusterChaosTrace: Sendable {
    private let folder: String
    private let nodes: Int
    private let lines = Lock<[String]>([])

    init(_ name: String, nodes: Int) {
        self.folder = "/tmp/\(name)"
        self.nodes = nodes
    }

    /// The file that a node logs to, across restarts.
    func log(of node: Int) -> String { "\(self.folder)-node\(node).log" }

    func note(_ line: String) {
        let now = SystemClock().now().nanoseconds / 1_000_000
        self.lines.withLock { $0.append("\(now) test: \(line)") }
    }

    /// The latest `limit` lines in the order of time.
    func merged(limit: Int = 3_000) -> [String] {
        var lines = self.lines.withLock { $0 }
        for node in 0..<self.nodes {
            guard let text = try? String(contentsOfFile: self.log(of: node), encoding: .utf8) else { continue }
            for line in text.split(separator: "\n") {
                let time = line.prefix { $0 != " " }
                lines.append("\(time) node\(node):\(line.dropFirst(time.count))")
            }
        }
        return lines.map { (time: Int($0.prefix { $0 != " " }) ?? 0, line: $0) }
            .sorted { $0.time < $1.time }.suffix(limit).map(\.line)
    }

    func remove() {
        for node in 0..<self.nodes { try? FileManager.default.removeItem(atPath: self.log(of: node)) }
    }
}
