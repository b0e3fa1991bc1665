/// Bytes in, bytes out, in order.
final class ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { self.bytes.count - self.start }

    var isEmpty: Bool { self.bytes.isEmpty }

    func append(_ more: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: more) }

    /// What is in the queue, valid until it is changed.
    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try self.bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[self.start...]))
        }
    }

    func removeFirst(_ count: Int) {
        self.start += count
        if self.start == self.bytes.count {
            self.bytes = []
            self.start = 0
        } else if self.start > 64 * 1024, self.start > self.bytes.count / 2 {
            // A new array, since `removeFirst` would keep the storage of everything that ever waited.
            self.bytes = Array(self.bytes[self.start...])
            self.start = 0
        }
    }
}
