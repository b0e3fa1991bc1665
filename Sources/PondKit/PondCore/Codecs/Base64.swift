/// Base64 with the standard alphabet and padding.
enum Base64 {
    /// The text of `bytes`.
    static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { text in
            var place = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let present = min(3, bytes.count - start)
                var word = UInt32(bytes[start]) << 16
                if present > 1 { word |= UInt32(bytes[start + 1]) << 8 }
                if present > 2 { word |= UInt32(bytes[start + 2]) }
                for index in 0..<4 {
                    let sextet = UInt8(truncatingIfNeeded: word >> UInt32(18 - 6 * index)) & 63
                    text[place] = index <= present ? Self.character(sextet) : 0x3D
                    place += 1
                }
            }
            return place
        }
    }

    /// The bytes of `text`; `nil` unless it is padded and canonical.
    static func decode(_ text: some StringProtocol) -> [UInt8]? { self.decode([UInt8](text.utf8)[...]) }

    /// The bytes of a text in UTF-8; `nil` unless it is padded and canonical.
    static func decode(_ characters: ArraySlice<UInt8>) -> [UInt8]? {
        guard characters.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        for start in stride(from: characters.startIndex, to: characters.endIndex, by: 4) {
            let isLast = start + 4 == characters.endIndex
            let padding = characters[start + 3] != 0x3D ? 0 : characters[start + 2] != 0x3D ? 1 : 2
            guard padding == 0 || isLast else { return nil }
            var word: UInt32 = 0
            for index in 0..<4 - padding {
                guard let sextet = Self.sextet(characters[start + index]) else { return nil }
                word = word << 6 | UInt32(sextet)
            }
            word <<= UInt32(6 * padding)
            guard word & ((1 << UInt32(8 * padding)) - 1) == 0 else { return nil }
            for index in 0..<3 - padding { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * index))) }
        }
        return bytes
    }

    private static func character(_ sextet: UInt8) -> UInt8 {
        switch sextet {
        case 0..<26: UInt8(ascii: "A") + sextet
        case 26..<52: UInt8(ascii: "a") + sextet - 26
        case 52..<62: UInt8(ascii: "0") + sextet - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func sextet(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
