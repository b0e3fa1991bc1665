/// What makes a terminal tell the user of something while it is out of sight.
enum NotificationSequence {
    private static let longest = 200

    /// The bytes of a notification. Its texts are peers': nothing in them may end the sequence or divide it.
    static func text(_ kind: NotificationKind, title: String, body: String) -> String {
        let title = Self.harmless(title)
        let body = Self.harmless(body)
        return switch kind {
        case .off: ""
        case .line: "\u{1B}]9;\(title): \(body)\u{7}"
        case .titled: "\u{1B}]777;notify;\(title);\(body)\u{7}"
        case .kitty:
            "\u{1B}]99;i=pond:d=0:e=1;\(Self.encoded(title))\u{1B}\\"
                + "\u{1B}]99;i=pond:d=1:p=body:e=1;\(Self.encoded(body))\u{1B}\\"
        }
    }

    private static func harmless(_ text: String) -> String {
        let plain = TextSanitiser.plain(text).unicodeScalars.filter { $0 != ";" && $0 != "\\" }
        return String(String.UnicodeScalarView(plain.prefix(Self.longest)))
    }

    private static func encoded(_ text: String) -> String { Base64.encode(Array(text.utf8)) }
}

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
