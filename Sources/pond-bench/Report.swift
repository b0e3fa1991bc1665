/// What a run found, as a table for people or a line for scripts.
struct Report {
    private var rows: [(key: String, label: String, value: String)] = []
    /// Nothing was lost, doubled, reordered, wrong or cut.
    var isClean = true

    mutating func add(_ key: String, _ label: String, _ value: Double, places: Int = 2) {
        self.rows.append((key, label, Self.fixed(value, places)))
    }

    mutating func add(_ key: String, _ label: String, _ value: Int) {
        self.rows.append((key, label, "\(value)"))
    }

    mutating func add(_ key: String, _ label: String, _ value: String) {
        self.rows.append((key, label, value))
    }

    func text(terse: Bool) -> String {
        if terse { return self.rows.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
        let width = self.rows.map(\.label.count).max() ?? 0
        return self.rows.map { row in
            row.label + String(repeating: " ", count: width - row.label.count + 2) + row.value
        }
        .joined(separator: "\n")
    }

    private static func fixed(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        let whole = Int(scaled / scale)
        guard places > 0 else { return "\(value < 0 ? "-" : "")\(whole)" }
        let fraction = "\(Int(scaled) - whole * Int(scale))"
        let padded = String(repeating: "0", count: places - fraction.count) + fraction
        return "\(value < 0 ? "-" : "")\(whole).\(padded)"
    }
}
