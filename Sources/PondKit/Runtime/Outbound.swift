/// What the channels of one loop queued in the current turn.
///
/// Bytes are put into the arena once; each channel keeps ranges of it. At the end of the turn every channel with
/// something to write makes one system call, and the arena is empty again.
package final class Outbound {
    /// Beyond this, what is queued is written before the turn ends.
    private static let highWater = 4 * 1024 * 1024
    /// What the arena keeps from one turn to the next.
    private static let keptCapacity = 1024 * 1024

    private var arena: UnsafeMutableRawPointer
    private var capacity: Int
    private var count = 0
    private var generation: UInt32 = 0
    private var dirty: ContiguousArray<UnsafeMutablePointer<OutboundState>> = []
    private var ended: ContiguousArray<ByteChannel> = []
    private var shared: (key: AnyObject, variant: Int, range: OutboundRange)?

    init() {
        self.capacity = 4096
        self.arena = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { self.arena.deallocate() }

    var hasWork: Bool { !self.dirty.isEmpty || !self.ended.isEmpty }

    /// Puts bytes into the arena: `fill` writes at most `maximum` of them and says how many.
    package func put(maximum: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> OutboundRange {
        self.reserve(maximum)
        let space = UnsafeMutableRawBufferPointer(start: self.arena + self.count, count: maximum)
        let filled = min(fill(space), maximum)
        let range = OutboundRange(
            offset: UInt32(self.count),
            count: UInt32(filled),
            generation: self.generation
        )
        self.count += filled
        return range
    }

    /// As `put`, once for all channels that are to write `variant` of the same object in this turn one after another.
    @inline(__always)
    package func put(
        sharedBy key: AnyObject,
        variant: Int,
        maximum: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Int
    ) -> OutboundRange {
        if let shared = self.shared, shared.key === key, shared.variant == variant { return shared.range }
        let range = self.put(maximum: maximum, fill)
        self.shared = (key, variant, range)
        return range
    }

    func isCurrent(_ range: OutboundRange) -> Bool { range.generation == self.generation }

    func bytes(_ segment: OutboundState.Segment) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.arena + Int(segment.offset), count: Int(segment.count))
    }

    /// The channel has something to do at the end of the turn.
    func markDirty(_ state: UnsafeMutablePointer<OutboundState>) {
        state.pointee.isDirty = true
        self.dirty.append(state)
    }

    /// The channel's end is to be told when everything is written.
    func markEnded(_ channel: ByteChannel) { self.ended.append(channel) }

    /// Writes what was queued and tells of the ends.
    func flush() {
        self.writeAll()
        guard !self.ended.isEmpty else { return }
        let ended = self.ended
        self.ended = []
        for channel in ended { channel.tellEnd() }
    }

    /// Writes what was queued; calls no receiver, so that it may happen in the middle of a turn.
    private func writeAll() {
        for state in self.dirty {
            state.pointee.isDirty = false
            state.pointee.channel._withUnsafeGuaranteedRef { $0.writeQueued() }
        }
        self.dirty.removeAll(keepingCapacity: true)
        self.shared = nil
        self.count = 0
        self.generation &+= 1
        if self.capacity > Self.keptCapacity { self.grow(to: Self.keptCapacity) }
    }

    private func reserve(_ more: Int) {
        if self.count > Self.highWater { self.writeAll() }
        let needed = self.count + more
        if needed > self.capacity { self.grow(to: max(needed, self.capacity * 2)) }
    }

    private func grow(to capacity: Int) {
        let arena = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        arena.copyMemory(from: self.arena, byteCount: self.count)
        self.arena.deallocate()
        self.arena = arena
        self.capacity = capacity
    }
}
