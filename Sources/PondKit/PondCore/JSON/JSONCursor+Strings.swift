extension JSONCursor {
    /// Passes a string whose opening quote is behind; says whether it holds escapes.
    @inline(__always) mutating func skipString() throws(JSONSyntaxFault) -> Bool {
        var escaped = false
        while true {
            self.skipPlainASCII()
            guard self.index < self.count else { throw .unexpectedEnd }
            switch self.base[self.index] {
            case 0x22:
                self.index += 1
                return escaped
            case 0x5C:
                escaped = true
                try self.skipEscape()
            case 0x80...:
                try self.skipMultibyte()
            default:
                throw .controlCharacter
            }
        }
    }

    /// Moves to the next quote, backslash, control character or byte above ASCII, eight bytes at a time.
    @inline(__always) private mutating func skipPlainASCII() {
        let raw = UnsafeRawPointer(self.base)
        while self.index &+ 8 <= self.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: self.index, as: UInt64.self))
            let special = Self.specialBytes(of: word)
            if special != 0 {
                self.index &+= special.trailingZeroBitCount &>> 3
                return
            }
            self.index &+= 8
        }
        while self.index < self.count {
            let byte = self.base[self.index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { return }
            self.index &+= 1
        }
    }

    /// The high bit of each byte that a plain string cannot hold; exact up to and including the lowest one set.
    @inline(__always) static func specialBytes(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        let found =
            ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word) | word
        return found & (ones &* 0x80)
    }

    /// Passes an escape whose backslash is here.
    private mutating func skipEscape() throws(JSONSyntaxFault) {
        guard self.index + 1 < self.count else { throw .unexpectedEnd }
        switch self.base[self.index + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            self.index += 2
        case 0x75:
            let unit = try self.hexUnit(at: self.index + 2)
            self.index += 6
            guard unit & 0xF800 == 0xD800 else { return }
            if unit < 0xDC00, try self.skipLowSurrogate() { return }
            self.hasLoneSurrogate = true
        default:
            throw .badEscape
        }
    }

    /// Passes the escape of a low surrogate; false, and at the same place, where something else follows.
    private mutating func skipLowSurrogate() throws(JSONSyntaxFault) -> Bool {
        guard self.index + 1 < self.count, self.base[self.index] == 0x5C, self.base[self.index + 1] == 0x75 else {
            return false
        }
        guard try self.hexUnit(at: self.index + 2) & 0xFC00 == 0xDC00 else { return false }
        self.index += 6
        return true
    }

    /// The four hexadecimal digits at a place.
    private func hexUnit(at start: Int) throws(JSONSyntaxFault) -> UInt16 {
        var unit: UInt16 = 0
        for position in start..<(start + 4) {
            guard position < self.count else { throw .unexpectedEnd }
            guard let digit = Self.hexDigit(self.base[position]) else { throw .badEscape }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// The value of a hexadecimal digit.
    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// Passes a run of characters above ASCII; refuses overlong forms, surrogates and what is above U+10FFFF.
    private mutating func skipMultibyte() throws(JSONSyntaxFault) {
        while self.index < self.count {
            let first = self.base[self.index]
            if first < 0x80 { return }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch first {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: length = 4
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: throw .invalidUTF8
            }
            guard self.index &+ length <= self.count else { throw .invalidUTF8 }
            guard second.contains(self.base[self.index &+ 1]) else { throw .invalidUTF8 }
            var position = 2
            while position < length {
                guard self.base[self.index &+ position] & 0xC0 == 0x80 else { throw .invalidUTF8 }
                position &+= 1
            }
            self.index &+= length
        }
    }

    /// The text between two places of a string that was passed before.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>, escaped: Bool) -> String {
        guard escaped else { return String(decoding: bytes, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: bytes.count) { Self.unescape(bytes, into: $0) }
    }

    /// Writes the text of a valid string, which is never longer than its escaped form; gives its length.
    static func unescape(_ bytes: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var source = 0
        var written = 0
        while source < bytes.count {
            let byte = bytes[source]
            guard byte == 0x5C else {
                target[written] = byte
                written += 1
                source += 1
                continue
            }
            let kind = bytes[source + 1]
            source += 2
            guard kind == 0x75 else {
                target[written] = Self.meaning(of: kind)
                written += 1
                continue
            }
            var scalar = Self.unit(bytes, at: source)
            source += 4
            if scalar & 0xFC00 == 0xD800, let low = Self.lowSurrogate(bytes, at: source) {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
                source += 6
            }
            // A lone surrogate is no scalar.
            for codeUnit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
                target[written] = codeUnit
                written += 1
            }
        }
        return written
    }

    /// The code unit whose four digits are at a place of a valid string.
    private static func unit(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32 {
        bytes[start..<start + 4].reduce(0) { $0 << 4 | UInt32(Self.hexDigit($1) ?? 0) }
    }

    /// The low surrogate whose escape begins at a place of a valid string.
    private static func lowSurrogate(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32? {
        guard start + 6 <= bytes.count, bytes[start] == 0x5C, bytes[start + 1] == 0x75 else { return nil }
        let unit = Self.unit(bytes, at: start + 2)
        return unit & 0xFC00 == 0xDC00 ? unit : nil
    }

    /// Replaces each escape of a lone surrogate in valid JSON text by the escape of U+FFFD, which is as long.
    static func replaceLoneSurrogates(in text: inout [UInt8]) {
        text.withUnsafeMutableBufferPointer { text in
            let bytes = UnsafeBufferPointer(text)
            var index = 0
            while index < bytes.count {
                guard bytes[index] == 0x5C else {
                    index += 1
                    continue
                }
                guard index + 6 <= bytes.count, bytes[index + 1] == 0x75 else {
                    index += 2
                    continue
                }
                let unit = Self.unit(bytes, at: index + 2)
                index += 6
                guard unit & 0xF800 == 0xD800 else { continue }
                if unit < 0xDC00, Self.lowSurrogate(bytes, at: index) != nil {
                    index += 6
                    continue
                }
                for (offset, digit) in "fffd".utf8.enumerated() { text[index - 4 + offset] = digit }
            }
        }
    }

    private static func meaning(of escape: UInt8) -> UInt8 {
        switch escape {
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: escape
        }
    }
}
