/// Where the fields of a `recover` object were found; the object was validated before.
struct RecoverFields {
    private(set) var epoch = EnvelopeFields.Value()
    private(set) var offset = EnvelopeFields.Value()

    init(of range: Range<Int>, in bytes: UnsafeRawBufferPointer, limits: Limits) {
        guard var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound])) else { return }
        cursor.index = range.lowerBound + 1
        // A fault cannot occur in bytes that were passed before; if it did, the rest would count as missing.
        try? self.scan(&cursor, limits: limits)
    }

    private mutating func scan(_ cursor: inout JSONCursor, limits: Limits) throws(JSONSyntaxFault) {
        cursor.skipWhitespace()
        while cursor.byte == 0x22 {
            cursor.index += 1
            let keyStart = cursor.index
            let escaped = try cursor.skipString()
            let key = UnsafeBufferPointer(start: cursor.base + keyStart, count: cursor.index - 1 - keyStart)
            let name = JSONCursor.text(key, escaped: escaped)
            cursor.skipWhitespace()
            try cursor.take(0x3A, else: .expectedColon)
            cursor.skipWhitespace()
            let value = try EnvelopeFields.Value(at: &cursor, depth: 0, limits: limits)
            if name == "epoch" { self.epoch = value }
            if name == "offset" { self.offset = value }
            cursor.skipWhitespace()
            if cursor.byte == 0x2C { cursor.index += 1 }
            cursor.skipWhitespace()
        }
    }
}
