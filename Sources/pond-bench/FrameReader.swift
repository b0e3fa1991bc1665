/// Reads a server's WebSocket frames, knowing nothing of the library that is measured.
struct FrameReader {
    /// What is left of the bytes that were fed: the beginning of a frame.
    private var rest: [UInt8] = []
    /// The message so far when it comes in several frames.
    private var fragments: [UInt8] = []

    /// Feeds bytes and calls `each` with the opcode and payload of every message and control frame in them.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ each: (UInt8, UnsafeRawBufferPointer) -> Void) {
        if self.rest.isEmpty {
            let used = self.read(bytes, each)
            if used < bytes.count { self.rest.append(contentsOf: bytes[used...]) }
        } else {
            var all = self.rest
            self.rest = []
            all.append(contentsOf: bytes)
            all.withUnsafeBytes { all in
                let used = self.read(all, each)
                if used < all.count { self.rest.append(contentsOf: all[used...]) }
            }
        }
    }

    /// The number of bytes in whole frames.
    private mutating func read(
        _ bytes: UnsafeRawBufferPointer,
        _ each: (UInt8, UnsafeRawBufferPointer) -> Void
    ) -> Int {
        var offset = 0
        while bytes.count - offset >= 2 {
            let first = bytes[offset]
            var header = 2
            var length = Int(bytes[offset + 1] & 0x7F)
            if length == 126 {
                guard bytes.count - offset >= 4 else { break }
                length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
                header = 4
            } else if length == 127 {
                guard bytes.count - offset >= 10 else { break }
                length = (2..<10).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
                header = 10
            }
            guard bytes.count - offset - header >= length else { break }
            let start = offset + header
            self.deliver(first, UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), each)
            offset = start + length
        }
        return offset
    }

    private mutating func deliver(
        _ first: UInt8,
        _ payload: UnsafeRawBufferPointer,
        _ each: (UInt8, UnsafeRawBufferPointer) -> Void
    ) {
        let opcode = first & 0x0F
        if first & 0x80 != 0, opcode != 0 { return each(opcode, payload) }
        self.fragments.append(contentsOf: payload)
        guard first & 0x80 != 0 else { return }
        self.fragments.withUnsafeBytes { each(1, $0) }
        self.fragments = []
    }
}
