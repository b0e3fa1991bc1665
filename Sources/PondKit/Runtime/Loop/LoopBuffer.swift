/// Memory of a fixed size that lives as long as its loop.
final class LoopBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { self.bytes = .allocate(byteCount: count, alignment: 16) }

    deinit { self.bytes.deallocate() }
}
