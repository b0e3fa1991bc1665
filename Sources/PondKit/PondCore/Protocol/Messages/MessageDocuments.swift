/// The JSON documents of one frame, separated by newlines.
///
/// A newline inside an object is whitespace and separates nothing. A frame of nothing but whitespace is one document, a
/// faulty one; what comes after the last allowed document is part of it, and so makes it faulty.
package struct MessageDocuments: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var start = 0
    private var remaining: Int
    private var any = false

    init(_ bytes: UnsafeRawBufferPointer, limit: Int) {
        self.bytes = bytes
        self.remaining = Swift.max(1, limit)
    }

    package mutating func next() -> UnsafeRawBufferPointer? {
        while self.start < self.bytes.count || !self.any {
            let end = self.remaining == 1 ? self.bytes.count : self.documentEnd()
            let document = UnsafeRawBufferPointer(rebasing: self.bytes[self.start..<end])
            self.start = end + 1
            let isLast = self.start >= self.bytes.count
            if document.allSatisfy(Self.isBlank) && (self.any || !isLast) { continue }
            self.any = true
            self.remaining -= 1
            return document
        }
        return nil
    }

    /// Where the document that begins at `start` ends: the first newline that is not inside an object or array.
    private func documentEnd() -> Int {
        guard self.hasNewline else { return self.bytes.count }
        var depth = 0
        var inString = false
        var index = self.start
        while index < self.bytes.count {
            switch self.bytes[index] {
            case 0x0A where depth <= 0: return index
            case 0x22: inString.toggle()
            case 0x5C where inString: index += 1
            case 0x7B where !inString: depth += 1
            case 0x5B where !inString: depth += 1
            case 0x7D where !inString: depth -= 1
            case 0x5D where !inString: depth -= 1
            default: break
            }
            index += 1
        }
        return self.bytes.count
    }

    /// Whether there is a newline from `start` on, eight bytes at a time.
    private var hasNewline: Bool {
        let (ones, newlines): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x0A0A_0A0A_0A0A_0A0A)
        var index = self.start
        while index &+ 8 <= self.bytes.count {
            let word = self.bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ newlines
            if (word &- ones) & ~word & (ones &* 0x80) != 0 { return true }
            index &+= 8
        }
        while index < self.bytes.count {
            if self.bytes[index] == 0x0A { return true }
            index &+= 1
        }
        return false
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
