/// SHA-1, which the WebSocket handshake asks for; broken as a signature, which it is not used for.
package struct SHA1 {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) =
        (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
    /// The words of the block that is being filled.
    private var block = InlineArray<16, UInt32>(repeating: 0)
    private var count: UInt64 = 0

    init() {}

    /// The digest as 40 hexadecimal digits.
    package static func hexadecimal(_ message: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = self.digest(message).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The 20 bytes of the digest.
    package static func digest(_ message: some Sequence<UInt8>) -> [UInt8] {
        var sum = SHA1()
        sum.update(message)
        return sum.finish()
    }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { self.update(byte) }
    }

    @inline(__always)
    private mutating func update(_ byte: UInt8) {
        let word = Int(self.count >> 2 & 15)
        self.block[word] = self.block[word] << 8 | UInt32(byte)
        self.count &+= 1
        if self.count & 63 == 0 { self.compress() }
    }

    /// The digest of everything before; nothing can follow.
    mutating func finish() -> [UInt8] {
        let bits = self.count &* 8
        self.update(0x80)
        while self.count & 63 != 56 { self.update(0) }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            self.update(UInt8(truncatingIfNeeded: bits >> shift))
        }
        var digest: [UInt8] = []
        digest.reserveCapacity(20)
        for word in [self.state.0, self.state.1, self.state.2, self.state.3, self.state.4] {
            for shift in stride(from: UInt32(24), through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return digest
    }

    private mutating func compress() {
        var (a, b, c, d, e) = self.state
        @inline(__always)
        func round(_ mix: UInt32, _ constant: UInt32, _ word: UInt32) {
            let next = Self.rotate(a, 5) &+ mix &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, Self.rotate(b, 30), c, d)
        }
        for index in 0..<20 { round(b & c | ~b & d, 0x5A82_7999, self.word(index)) }
        for index in 20..<40 { round(b ^ c ^ d, 0x6ED9_EBA1, self.word(index)) }
        for index in 40..<60 { round(b & c | b & d | c & d, 0x8F1B_BCDC, self.word(index)) }
        for index in 60..<80 { round(b ^ c ^ d, 0xCA62_C1D6, self.word(index)) }
        self.state.0 &+= a
        self.state.1 &+= b
        self.state.2 &+= c
        self.state.3 &+= d
        self.state.4 &+= e
    }

    /// A word of the schedule; those beyond the block replace the words that are no longer needed.
    @inline(__always)
    private mutating func word(_ index: Int) -> UInt32 {
        if index >= 16 {
            let mixed =
                self.block[(index + 13) & 15] ^ self.block[(index + 8) & 15] ^ self.block[(index + 2) & 15]
                ^ self.block[index & 15]
            self.block[index & 15] = Self.rotate(mixed, 1)
        }
        return self.block[index & 15]
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
