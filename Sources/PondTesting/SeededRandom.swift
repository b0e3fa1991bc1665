/// SplitMix64: the same seed gives the same numbers, so that a failure can be run again.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    /// What they follow from; print it where something fails.
    public let seed: UInt64
    private var state: UInt64

    /// Numbers that follow from the seed alone, or from a fresh one.
    public init(seed: UInt64 = .random(in: 0 ... .max)) {
        self.seed = seed
        self.state = seed
    }

    public mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
