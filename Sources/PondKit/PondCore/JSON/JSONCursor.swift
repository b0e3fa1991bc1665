/// A place in JSON text that moves over whole tokens and values, checking every byte it passes.
///
/// It holds pointers, so it is valid only while the bytes are; it allocates nothing and calls nothing recursively.
struct JSONCursor {
    let base: UnsafePointer<UInt8>
    let count: Int
    var index: Int
    /// Whether a string passed so far holds half of a surrogate pair, which is read as U+FFFD.
    var hasLoneSurrogate = false

    /// The deepest nesting that any limit allows, since open containers are tracked in fixed space.
    static let deepest = 256

    /// A cursor at the beginning; `nil` for no bytes at all.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return nil }
        self.base = start.assumingMemoryBound(to: UInt8.self)
        self.count = bytes.count
        self.index = 0
    }

    /// The byte here, or `nil` at the end.
    @inline(__always) var byte: UInt8? { self.index < self.count ? self.base[self.index] : nil }

    @inline(__always) mutating func skipWhitespace() {
        while self.index < self.count {
            switch self.base[self.index] {
            case 0x20, 0x0A, 0x0D, 0x09: self.index += 1
            default: return
            }
        }
    }

    /// Passes one expected byte.
    @inline(__always) mutating func take(
        _ byte: UInt8,
        else fault: JSONSyntaxFault
    ) throws(JSONSyntaxFault) {
        guard self.index < self.count else { throw .unexpectedEnd }
        guard self.base[self.index] == byte else { throw fault }
        self.index += 1
    }

    /// Fails unless only whitespace is left.
    mutating func finish() throws(JSONSyntaxFault) {
        self.skipWhitespace()
        guard self.index == self.count else { throw .trailingData }
    }

    /// Passes `true`, `false` or `null`, whose first letter is here.
    mutating func skipLiteral(_ rest: StaticString) throws(JSONSyntaxFault) {
        let length = rest.utf8CodeUnitCount
        for offset in 0..<length {
            guard self.index + offset < self.count else { throw .unexpectedEnd }
            guard self.base[self.index + offset] == rest.utf8Start[offset] else { throw .expectedValue }
        }
        self.index += length
    }
}
