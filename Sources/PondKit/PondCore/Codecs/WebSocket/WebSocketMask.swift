/// The exclusive-or with which clients veil what they send; applying it twice gives the bytes back.
package struct WebSocketMask {
    private var key: UInt32

    /// A key of four bytes, the first one in the lowest bits.
    package init(littleEndian key: UInt32) { self.key = key }

    package static func random() -> WebSocketMask { WebSocketMask(littleEndian: .random(in: .min ... .max)) }

    var bytes: UInt32 { self.key }

    /// Applies the mask in place, eight bytes at a time, and rotates the key for the next piece.
    package mutating func apply(_ bytes: UnsafeMutableRawBufferPointer) {
        let wide = UInt64(self.key) << 32 | UInt64(self.key)
        let whole = bytes.count & ~7
        var offset = 0
        while offset < whole {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            bytes.storeBytes(of: word ^ wide.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        var rest = self.key
        while offset < bytes.count {
            bytes[offset] ^= UInt8(truncatingIfNeeded: rest)
            rest = rest >> 8 | rest << 24
            offset += 1
        }
        let turn = UInt32(bytes.count & 3) * 8
        if turn != 0 { self.key = self.key >> turn | self.key << (32 - turn) }
    }
}
