/// The scripts that a name's letters belong to, and which of them may stand in one name.
///
/// The rule is "highly restrictive" of Unicode's UTS 39: one script, or Latin beside those that Chinese, Japanese and
/// Korean are written with.
enum NameScripts {
    /// Whether letters of these scripts may stand in one name.
    static func mayMix(_ scripts: Set<String>) -> Bool {
        scripts.count <= 1 || Self.mixtures.contains { scripts.isSubset(of: $0) }
    }

    private static let mixtures: [Set<String>] = [
        ["Latn", "Hani", "Hira", "Kana"], ["Latn", "Hani", "Bopo"], ["Latn", "Hani", "Hang"],
    ]

    /// The script of a letter or digit; `nil` for what all scripts share.
    static func script(of scalar: Unicode.Scalar) -> String? {
        if scalar.isASCII { return scalar.properties.isAlphabetic ? "Latn" : nil }
        // The last run that begins at or before the scalar.
        var (low, high) = (0, Self.runs.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.runs[middle].start <= scalar.value { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let script = Self.runs[low - 1].script
        return script == "Zyyy" || script == "Zinh" ? nil : script
    }

    private static let runs: [(start: UInt32, script: String)] = NameTables.entries(of: NameTables.scripts)
        .compactMap { left, right in UInt32(String(left), radix: 16).map { ($0, String(right)) } }
}

extension NameTables {
    /// The `left=right` pairs of a table, in its order.
    static func entries(of table: StaticString) -> [(Substring, Substring)] {
        "\(table)".split(whereSeparator: \.isWhitespace).compactMap { entry in
            guard let sign = entry.firstIndex(of: "=") else { return nil }
            return (entry[..<sign], entry[entry.index(after: sign)...])
        }
    }
}
