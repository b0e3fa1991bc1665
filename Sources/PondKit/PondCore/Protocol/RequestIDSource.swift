/// Makes the ids of messages that a server sends by itself: unique, but no secret.
///
/// The system's random source costs a call into the kernel per id, more than all the rest of a broadcast. This one
/// is seeded from it once (256 bits) and goes on by xoshiro256**. For ids that must not be guessed there is `PondID`.
package struct RequestIDSource {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init() {
        var generator = SystemRandomNumberGenerator()
        // The lowest bit keeps the state from being all zero, the one state that would never change.
        self.state = (generator.next() | 1, generator.next(), generator.next(), generator.next())
    }

    /// A fresh id in the form of a UUID (version 4).
    package mutating func next() -> String {
        PondID.uuid(self.word(), self.word())
    }

    private mutating func word() -> UInt64 {
        let scrambled = self.state.1 &* 5
        let word = (scrambled << 7 | scrambled >> 57) &* 9
        let shifted = self.state.1 << 17
        self.state.2 ^= self.state.0
        self.state.3 ^= self.state.1
        self.state.1 ^= self.state.2
        self.state.0 ^= self.state.3
        self.state.2 ^= shifted
        self.state.3 = self.state.3 << 45 | self.state.3 >> 19
        return word
    }
}
