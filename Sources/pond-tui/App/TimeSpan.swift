/// Lengths of time as people type them: `30s`, `10m`, `2h`, `7d`.
enum TimeSpan {
    /// The seconds of a word; `nil` when it is no length of time.
    static func seconds(_ word: String) -> Int? {
        guard let unit = word.last, let number = Int(word.dropLast()), (1...100_000).contains(number) else {
            return nil
        }
        switch unit {
        case "s": return number
        case "m": return number * 60
        case "h": return number * 3_600
        case "d": return number * 86_400
        default: return nil
        }
    }

    /// The same of milliseconds, rounded, at least a second.
    static func words(milliseconds: Int64) -> String {
        self.words(seconds: Int(clamping: max(1, (min(milliseconds, .max - 500) + 500) / 1_000)))
    }

    /// `10 min`
    static func words(seconds: Int) -> String {
        for (size, unit) in [(86_400, "d"), (3_600, "h"), (60, "min")] where seconds >= size && seconds % size == 0 {
            return "\(seconds / size) \(unit)"
        }
        return "\(seconds) s"
    }
}
