/// A text from a client that lies in the input as one whole frame, as nearly all do: cut out without a machine.
package enum WebSocketWholeText {
    /// The first byte of a text that is one frame and not compressed.
    private static let firstByte: UInt8 = 0x81

    /// Takes the text from the front of `input`, unmasked where it lies.
    ///
    /// `nil` for less, for anything else, or for a fault: then nothing was changed, and a machine takes over.
    /// Call it between two messages only.
    @inline(__always)
    package static func take(
        _ input: inout UnsafeMutableRawBufferPointer,
        maximumBytes: Int
    ) -> UnsafeRawBufferPointer? {
        guard let start = input.baseAddress, input.count > 6, start.load(as: UInt8.self) == Self.firstByte else {
            return nil
        }
        let second = start.load(fromByteOffset: 1, as: UInt8.self)
        var (length, header) = (Int(second & 0x7F), 6)
        guard second & 0x80 != 0, length > 0, length < 127 else { return nil }
        if length == 126 {
            length = Int(UInt16(bigEndian: start.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            header = 8
            guard length > 125 else { return nil }
        }
        guard length <= maximumBytes, input.count >= header &+ length else { return nil }
        let key = start.loadUnaligned(fromByteOffset: header &- 4, as: UInt32.self)
        let text = UnsafeMutableRawBufferPointer(start: start + header, count: length)
        if !Self.unmask(text, key) {
            var validator = UTF8Validator()
            guard validator.consume(UnsafeRawBufferPointer(text)), validator.isComplete else {
                // Masked again it is what it was.
                _ = Self.unmask(text, key)
                return nil
            }
        }
        let end = header &+ length
        input = UnsafeMutableRawBufferPointer(start: start + end, count: input.count &- end)
        return UnsafeRawBufferPointer(text)
    }

    /// Applies the mask in place; says whether what it gave is all ASCII.
    @inline(__always)
    private static func unmask(_ text: UnsafeMutableRawBufferPointer, _ key: UInt32) -> Bool {
        guard let start = text.baseAddress else { return true }
        let count = text.count
        let wide = UInt64(key) << 32 | UInt64(key)
        var seen: UInt64 = 0
        var offset = 0
        while offset &+ 8 <= count {
            let word = start.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ wide
            start.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            seen |= word
            offset &+= 8
        }
        var rest = UInt32(littleEndian: key)
        while offset < count {
            let byte = start.load(fromByteOffset: offset, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            seen |= UInt64(byte)
            rest = rest >> 8 | rest << 24
            offset &+= 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
