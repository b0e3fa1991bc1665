/// The values of one metric, a series for each combination of labels, bounded in number.
///
/// Pure. Above the bound, what would begin a new series goes to one whose labels all say `other`.
struct MetricSeries {
    /// What is kept of a series.
    enum Kind {
        /// A sum that only grows.
        case counter
        /// A number that goes up and down.
        case gauge
        /// How many values lay below each bound, and their sum.
        case histogram([Double])

        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private struct Value {
        var sum = 0.0
        var count = 0
        var buckets: [Int] = []
    }

    private let name: String
    private let help: String
    private let labels: [String]
    private let kind: Kind
    private let limit: Int
    private var values: [[String]: Value] = [:]

    init(_ name: String, _ help: String, _ labels: [String], _ kind: Kind, limit: Int) {
        self.name = name
        self.help = help
        self.labels = labels
        self.kind = kind
        self.limit = limit
    }

    /// Adds to a counter or gauge, or notes a value of a histogram.
    mutating func add(_ amount: Double, _ labels: [String]) {
        var key = labels
        if self.values[key] == nil, self.values.count >= self.limit { key = self.labels.map { _ in "other" } }
        var value = self.values[key] ?? Value()
        value.sum += amount
        value.count += 1
        if case .histogram(let bounds) = self.kind {
            if value.buckets.isEmpty { value.buckets = Array(repeating: 0, count: bounds.count) }
            if let bucket = bounds.firstIndex(where: { amount <= $0 }) { value.buckets[bucket] += 1 }
        }
        self.values[key] = value
    }

    /// Appends the metric in Prometheus's text format.
    func write(into text: inout String) {
        guard !self.values.isEmpty else { return }
        text += "# HELP \(self.name) \(self.help)\n# TYPE \(self.name) \(self.kind.word)\n"
        for (labels, value) in self.values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let pairs = zip(self.labels, labels).map { "\($0)=\"\(Self.escaped($1))\"" }
            guard case .histogram(let bounds) = self.kind else {
                text += "\(self.name)\(Self.braced(pairs)) \(Self.number(value.sum))\n"
                continue
            }
            var below = 0
            for (bound, count) in zip(bounds, value.buckets) {
                below += count
                text += "\(self.name)_bucket\(Self.braced(pairs + ["le=\"\(Self.number(bound))\""])) \(below)\n"
            }
            text += "\(self.name)_bucket\(Self.braced(pairs + ["le=\"+Inf\""])) \(value.count)\n"
            text += "\(self.name)_sum\(Self.braced(pairs)) \(Self.number(value.sum))\n"
            text += "\(self.name)_count\(Self.braced(pairs)) \(value.count)\n"
        }
    }

    private static func braced(_ pairs: [String]) -> String {
        pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
