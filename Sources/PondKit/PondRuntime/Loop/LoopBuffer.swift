/// Memory of a fixed size that lives as long as its loop.
package final class LoopBuffer {
    package let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { self.bytes = .allocate(byteCount: count, alignment: 16) }

    deinit { self.bytes.deallocate() }
}
