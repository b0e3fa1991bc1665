/// Ids that cannot be guessed, from the system's random source.
public enum PondID {
    /// The length of a UUID's text.
    package static let uuidBytes = 36

    /// A random UUID (version 4), lower case.
    public static func uuid() -> String {
        let (high, low) = RandomBlocks.pair()
        return Self.uuid(high, low)
    }

    /// The UUID (version 4) of 128 bits, six of which it overwrites.
    package static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { target in
            Self.writeHex(high, low, into: target, dashed: true)
        }
    }

    /// 128 random bits as 32 hexadecimal digits: a secret that names its holder.
    public static func token() -> String {
        Self.hexadecimal(Self.bits())
    }

    /// 128 random bits.
    package static func bits() -> UInt128 {
        let (high, low) = RandomBlocks.pair()
        return UInt128(high) << 64 | UInt128(low)
    }

    /// The 128 bits of a text that `hexadecimal` made; `nil` for any other.
    package static func bits(_ text: some StringProtocol) -> UInt128? {
        guard text.utf8.count == 32 else { return nil }
        var bits: UInt128 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: bits = bits << 4 | UInt128(byte - 0x30)
            case 0x61...0x66: bits = bits << 4 | UInt128(byte - 0x57)
            default: return nil
            }
        }
        return bits
    }

    /// 128 bits as 32 hexadecimal digits.
    package static func hexadecimal(_ bits: UInt128) -> String {
        String(unsafeUninitializedCapacity: 32) { target in
            let (high, low) = (UInt64(truncatingIfNeeded: bits >> 64), UInt64(truncatingIfNeeded: bits))
            return Self.writeHex(high, low, into: target, dashed: false)
        }
    }

    private static func writeHex(
        _ high: UInt64,
        _ low: UInt64,
        into target: UnsafeMutableBufferPointer<UInt8>,
        dashed: Bool
    ) -> Int {
        var written = 0
        for byte in 0..<16 {
            // After 8, 12, 16 and 20 digits.
            if dashed, byte == 4 || byte == 6 || byte == 8 || byte == 10 {
                target[written] = 0x2D
                written += 1
            }
            let value = UInt8(truncatingIfNeeded: (byte < 8 ? high : low) >> UInt64(56 - (byte & 7) * 8))
            target[written] = Self.digit(value >> 4)
            target[written + 1] = Self.digit(value & 15)
            written += 2
        }
        return written
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 { value &+ (value < 10 ? 0x30 : 0x57) }
}
