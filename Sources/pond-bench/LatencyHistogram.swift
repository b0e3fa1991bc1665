/// Counts durations in buckets that are at most 1/32 wide, whatever their size.
struct LatencyHistogram {
    private static let subBuckets = 32
    private var counts = [Int](repeating: 0, count: 64 * Self.subBuckets)
    private(set) var total = 0

    mutating func add(_ nanoseconds: UInt64) {
        self.counts[Self.bucket(nanoseconds)] += 1
        self.total += 1
    }

    /// The duration that this share of all did not exceed, in microseconds.
    func microseconds(at share: Double) -> Double {
        let wanted = max(1, Int((Double(self.total) * share).rounded(.up)))
        var seen = 0
        for (index, count) in self.counts.enumerated() {
            seen += count
            if seen >= wanted { return Double(Self.value(index)) / 1000 }
        }
        return 0
    }

    private static func bucket(_ value: UInt64) -> Int {
        if value < UInt64(Self.subBuckets) { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let fraction = Int(value >> UInt64(exponent - 5)) & (Self.subBuckets - 1)
        return (exponent - 4) * Self.subBuckets + fraction
    }

    private static func value(_ bucket: Int) -> UInt64 {
        if bucket < Self.subBuckets { return UInt64(bucket) }
        let exponent = bucket / Self.subBuckets + 4
        return UInt64(Self.subBuckets + bucket % Self.subBuckets) << UInt64(exponent - 5)
    }
}
