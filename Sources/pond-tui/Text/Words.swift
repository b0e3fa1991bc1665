/// A length of time in words.
enum Elapsed {
    /// `07s`, `2m`, `3h`, `4d`
    static func brief(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1_000)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3_600 { return "\(seconds / 60)m" }
        if seconds < 86_400 { return "\(seconds / 3_600)h" }
        return "\(seconds / 86_400)d"
    }

    /// Whole seconds, rounded up, never below 0.
    static func seconds(roundingUp milliseconds: Int64) -> Int64 {
        let whole = max(0, milliseconds) / 1_000
        return milliseconds > whole * 1_000 ? whole + 1 : whole
    }

    /// `00:01:02`
    static func clock(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1_000)
        return "\((seconds / 3_600).padded(2)):\((seconds / 60 % 60).padded(2)):\((seconds % 60).padded(2))"
    }
}

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

/// A count with its noun.
enum Counted {
    /// `1 message`, `2 messages`
    static func words(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// `1 message is`, `2 messages are`
    static func being(_ count: Int, _ noun: String) -> String {
        self.words(count, noun) + (count == 1 ? " is" : " are")
    }
}
