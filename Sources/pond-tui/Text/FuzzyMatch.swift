/// Finding a name by a few of its letters.
enum FuzzyMatch {
    /// How well a query fits; `nil` when its letters do not occur in order. Smaller is better.
    static func score(_ query: String, _ name: String) -> Int? {
        let wanted = Array(query.lowercased())
        let letters = Array(name.lowercased())
        guard !wanted.isEmpty else { return 0 }
        var at = 0
        var score = 0
        var last = -1
        for letter in wanted {
            guard let found = letters[at...].firstIndex(of: letter) else { return nil }
            // Letters side by side and at the start are what one means.
            score += found - last - 1
            last = found
            at = found + 1
        }
        return score * 100 + letters.count
    }

    /// How many single changes turn one word into another, two neighbours swapped counting as one.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left)
        let b = Array(right)
        var rows = [Array(0...b.count)]
        for i in 1...max(1, a.count) where !a.isEmpty {
            var row = [i]
            for j in 1...max(1, b.count) where !b.isEmpty {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows.last?.last ?? 0
    }
}
