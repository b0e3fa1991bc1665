/// Base64 with the standard alphabet and padding.
enum Base64 {
    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of `bytes`.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = (0..<3).reduce(UInt32(0)) { word, index in
                word << 8 | (index < group.count ? UInt32(group[start + index]) : 0)
            }
            for index in 0..<4 {
                let sextet = Int(word >> UInt32(18 - 6 * index)) & 63
                text.append(index <= group.count ? self.alphabet[sextet] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`; `nil` unless it is padded and canonical.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        let characters = [UInt8](text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        for start in stride(from: 0, to: characters.count, by: 4) {
            let group = characters[start..<start + 4]
            let padding = group.reversed().prefix { $0 == 0x3D }.count
            guard padding <= 2, padding == 0 || start + 4 == characters.count else { return nil }
            var word: UInt32 = 0
            for character in group.dropLast(padding) {
                guard let sextet = self.alphabet.firstIndex(of: character) else { return nil }
                word = word << 6 | UInt32(sextet)
            }
            word <<= UInt32(6 * padding)
            guard word & ((1 << UInt32(8 * padding)) - 1) == 0 else { return nil }
            for index in 0..<3 - padding { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * index))) }
        }
        return bytes
    }
}
