/// Checks UTF-8 that comes in pieces and fails at the first byte that no valid text could have there.
package struct UTF8Validator {
    /// Continuation bytes still to come.
    private var missing: UInt8 = 0
    /// What the next one may be; narrower than 80...BF after some first bytes.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// Whether the text may end here.
    package var isComplete: Bool { self.missing == 0 }

    package init() {}

    /// Takes the next piece; `false` says that the text is invalid.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        let count = bytes.count
        while index < count {
            if self.missing == 0 {
                while index + 8 <= count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < count else { break }
            }
            guard self.step(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        if self.missing > 0 {
            guard byte >= self.low, byte <= self.high else { return false }
            self.missing -= 1
            self.low = 0x80
            self.high = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F:
            return true
        case 0xC2...0xDF:
            self.missing = 1
        case 0xE0...0xEF:
            self.missing = 2
            // No overlong forms, no surrogates.
            if byte == 0xE0 { self.low = 0xA0 }
            if byte == 0xED { self.high = 0x9F }
        case 0xF0...0xF4:
            self.missing = 3
            // No overlong forms, nothing past U+10FFFF.
            if byte == 0xF0 { self.low = 0x90 }
            if byte == 0xF4 { self.high = 0x8F }
        default:
            return false
        }
        return true
    }
}
