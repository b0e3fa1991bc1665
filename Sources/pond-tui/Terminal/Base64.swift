/// Bytes as the letters that OSC 52 wants.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    static func encode(_ bytes: [UInt8]) -> String {
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var number = 0
            for offset in 0..<3 { number = number << 8 | (offset < group.count ? Int(group[start + offset]) : 0) }
            for offset in 0..<4 {
                text.append(offset <= group.count ? Self.letters[number >> (18 - 6 * offset) & 63] : "=")
            }
        }
        return text
    }
}
