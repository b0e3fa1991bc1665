/// Every way to cut bytes in two, the whole, and one byte at a time.
func everySplit(_ bytes: [UInt8]) -> [[[UInt8]]] {
    var splits = [[bytes], bytes.map { [$0] }]
    for cut in 1..<max(1, bytes.count) { splits.append([Array(bytes[..<cut]), Array(bytes[cut...])]) }
    return splits
}

/// Text with its line feeds made CR LF, as bytes.
func crlf(_ text: String) -> [UInt8] {
    Array(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
}

/// A generator whose sequence depends on its seed alone.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
