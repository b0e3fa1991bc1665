/// Bytes that grow by doubling and are read in place: what gathers a message that comes in pieces.
struct ByteStore: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    /// How many bytes are in use.
    private(set) var count = 0

    init() { self.memory = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

    /// The bytes of memory that it holds.
    var capacity: Int { self.memory.count }

    deinit { self.memory.deallocate() }

    /// The bytes in use, until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.memory[..<self.count]) }

    /// Room for at least `minimum` more bytes, to be filled from its beginning.
    mutating func room(_ minimum: Int) -> UnsafeMutableRawBufferPointer {
        if self.memory.count - self.count < minimum {
            let size = max(self.count + minimum, self.memory.count * 2)
            let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
            grown.copyMemory(from: self.bytes)
            self.memory.deallocate()
            self.memory = grown
        }
        return UnsafeMutableRawBufferPointer(rebasing: self.memory[self.count...])
    }

    /// Takes `count` bytes of the room into use.
    mutating func use(_ count: Int) { self.count = min(self.count + count, self.memory.count) }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        self.room(bytes.count).copyMemory(from: bytes)
        self.use(bytes.count)
    }

    /// Forgets the bytes; memory beyond `keep` is given back.
    mutating func clear(keeping keep: Int = 0) {
        self.count = 0
        guard self.memory.count > keep else { return }
        self.memory.deallocate()
        self.memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}
