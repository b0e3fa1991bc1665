import CPondZlib

/// Compresses messages, each one ending at a byte, as permessage-deflate wants them.
///
/// A class because zlib keeps a pointer to its stream.
package final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a message may refer to the ones before it.
    let keepsContext: Bool

    /// `takeover` lets a message refer to the ones before it; `nil` when zlib has no memory.
    package init?(level: Int, windowBits: Int, takeover: Bool) {
        self.keepsContext = takeover
        self.stream = .allocate(capacity: 1)
        self.stream.initialize(to: z_stream())
        // A small window needs less memory for its hash table too.
        let memoryLevel: Int32 = windowBits >= 15 ? 8 : 5
        let bits = -Int32(min(max(windowBits, 9), 15))
        guard pond_deflate_init(self.stream, Int32(min(max(level, 1), 9)), bits, memoryLevel) == Z_OK else {
            self.stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(self.stream)
        self.stream.deallocate()
    }

    /// Appends the compressed message to `output`; `false` when zlib failed.
    package func compress(_ message: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Bool {
        guard !message.isEmpty, message.count <= Int(UInt32.max) else {
            // An empty message is one empty stored block, of which the last four bytes are left out.
            output.append(0)
            return message.isEmpty
        }
        let start = output.count
        self.stream.pointee.next_in = UnsafeMutablePointer(
            mutating: message.baseAddress?.assumingMemoryBound(to: Bytef.self)
        )
        self.stream.pointee.avail_in = uInt(message.count)
        var size = Int(deflateBound(self.stream, uLong(message.count))) + 16
        var failed = false
        repeat {
            let written = withUnsafeTemporaryAllocation(of: Bytef.self, capacity: size) { room in
                self.stream.pointee.next_out = room.baseAddress
                self.stream.pointee.avail_out = uInt(size)
                let result = deflate(self.stream, Z_SYNC_FLUSH)
                failed = result != Z_OK && result != Z_BUF_ERROR
                let count = size - Int(self.stream.pointee.avail_out)
                output.append(contentsOf: room[..<count])
                return count
            }
            if written < size { break }
            size = 4096
        } while !failed
        // A sync flush ends in 00 00 FF FF, which is not sent.
        if output.count - start >= 4 { output.removeLast(4) }
        if !self.keepsContext { deflateReset(self.stream) }
        return !failed
    }
}
