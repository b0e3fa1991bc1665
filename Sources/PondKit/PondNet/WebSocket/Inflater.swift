import CPondZlib
import PondCore

/// Inflates messages within a bound.
///
/// A class because zlib keeps a pointer to its stream. One without takeover may serve any number of connections.
final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a message may refer to the ones before it.
    let keepsContext: Bool
    private var output = ByteStore()

    /// `takeover` lets a message refer to the ones before it; `nil` when zlib has no memory.
    init?(windowBits: Int, takeover: Bool) {
        self.keepsContext = takeover
        self.stream = .allocate(capacity: 1)
        self.stream.initialize(to: z_stream())
        guard pond_inflate_init(self.stream, -Int32(min(max(windowBits, 8), 15))) == Z_OK else {
            self.stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(self.stream)
        self.stream.deallocate()
    }

    /// The inflated message, valid until the next one; a message of more than `limit` bytes fails with 1009.
    func inflate(_ message: UnsafeRawBufferPointer, limit: Int) throws(WebSocketFault) -> UnsafeRawBufferPointer {
        self.output.clear(keeping: 64 * 1024)
        defer { if !self.keepsContext { inflateReset(self.stream) } }
        // After a final block nothing is missing; else the end of the last block, which is not sent, is put back.
        if try !self.feed(message, limit: limit) {
            var fault: WebSocketFault?
            Self.blockEnd.withUnsafeBytes { end in
                do throws(WebSocketFault) { _ = try self.feed(end, limit: limit) } catch { fault = error }
            }
            if let fault { throw fault }
            // zlib says so when it stands between two blocks; elsewhere the message was cut short.
            guard self.stream.pointee.data_type & 128 != 0 else { throw .invalidCompression }
        }
        return self.output.bytes
    }

    private static let blockEnd: [UInt8] = [0, 0, 0xFF, 0xFF]

    /// Inflates all of `input`; says whether the stream ended with it.
    private func feed(_ input: UnsafeRawBufferPointer, limit: Int) throws(WebSocketFault) -> Bool {
        self.stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        )
        self.stream.pointee.avail_in = uInt(clamping: input.count)
        while true {
            // Never more room than one byte past the limit, so a bomb is noticed where it passes it.
            let room = self.output.room(min(max(input.count * 4, 512), limit - self.output.count + 1))
            let size = min(room.count, limit - self.output.count + 1)
            self.stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
            self.stream.pointee.avail_out = uInt(clamping: size)
            let result = CPondZlib.inflate(self.stream, Z_SYNC_FLUSH)
            self.output.use(size - Int(self.stream.pointee.avail_out))
            guard self.output.count <= limit else { throw .messageTooBig }
            switch result {
            case Z_OK where self.stream.pointee.avail_out == 0:
                continue
            case Z_OK, Z_BUF_ERROR:
                guard self.stream.pointee.avail_in == 0 else { throw .invalidCompression }
                return false
            case Z_STREAM_END:
                // The sender may end the stream with a message; the next block starts a new one.
                inflateReset(self.stream)
                if self.stream.pointee.avail_in == 0 { return true }
            default:
                throw .invalidCompression
            }
        }
    }
}
