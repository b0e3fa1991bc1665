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
