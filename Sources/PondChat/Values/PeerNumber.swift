/// Conversions of numbers that a peer, a store or a file supplies. None of them traps; `scripts/numbers.sh` checks that
/// such numbers are converted here only.
public enum PeerNumber {
    /// The longest time that is taken from a peer, in milliseconds: a hundred years.
    public static let longest: Int64 = 3_155_760_000_000
    /// The largest count that is taken from a peer. A sum of many of them still fits.
    public static let most = 999_999_999

    /// A number without its fraction, the nearest possible when it is out of range; `nil` when it is not a number.
    public static func whole(_ number: Double) -> Int64? {
        guard !number.isNaN else { return nil }
        return Int64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
    }

    /// A wait in milliseconds, from 0 to `longest`; `nil` when it is not a number.
    public static func milliseconds(ofSeconds seconds: Double) -> Int64? {
        self.whole(seconds * 1_000).map { min(max(0, $0), self.longest) }
    }

    /// A duration in milliseconds, from 0 to `longest`.
    public static func milliseconds(of duration: Duration) -> Int64 {
        min(max(0, self.allMilliseconds(of: duration)), self.longest)
    }

    /// A duration in milliseconds, the nearest possible when it is out of range.
    static func allMilliseconds(of duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, carries) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return isTooLarge || carries ? (seconds < 0 ? .min : .max) : sum
    }

    /// The milliseconds from one moment to a later one, from 0 to `longest`.
    public static func milliseconds(from start: ChatTime, to end: ChatTime) -> Int64 {
        let (difference, overflow) = end.milliseconds.subtractingReportingOverflow(start.milliseconds)
        return overflow ? (end < start ? 0 : self.longest) : min(max(0, difference), self.longest)
    }

    /// The offset before another one; 0 has none before it.
    public static func before(_ offset: UInt64) -> UInt64 { offset == 0 ? 0 : offset - 1 }

    /// A count from 0 to `most`.
    public static func count(_ number: Int) -> Int { min(max(0, number), self.most) }
}
