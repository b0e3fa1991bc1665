/// What the channels of one loop queued in the current turn.
///
/// Bytes are put into the arena once; each channel keeps ranges of it. At the end of the turn every channel with
/// something to write is written once, and the arena is empty again.
package final class Outbound {
    /// What every delivery touches, in plain memory: a class's variables are checked for exclusive access each time.
    private struct Hot {
        var arena: UnsafeMutableRawPointer
        var capacity: Int
        var count = 0
        /// The object whose bytes were put last; `sharedObject` keeps it alive, so that its address means it alone.
        var sharedKey: UnsafeMutableRawPointer?
        var sharedVariant = 0
        var sharedRange = OutboundRange(offset: 0, count: 0)
        var dirty: ContiguousArray<UnsafeMutablePointer<OutboundState>> = []
    }

    /// Beyond this, what is queued is written before the turn ends.
    private static let highWater = 4 * 1024 * 1024
    /// What the arena keeps from one turn to the next.
    private static let keptCapacity = 1024 * 1024
    /// Fewer connections than this are sent to plainly: a batch has a price of its own.
    private static let leastBatch = 8

    private let hot: UnsafeMutablePointer<Hot>
    private var sharedObject: AnyObject?
    private var ended: ContiguousArray<ByteChannel> = []
    private var sender: BatchedSender?

    init() {
        let capacity = 4096
        self.hot = .allocate(capacity: 1)
        self.hot.initialize(to: Hot(arena: .allocate(byteCount: capacity, alignment: 16), capacity: capacity))
    }

    deinit {
        self.hot.pointee.arena.deallocate()
        self.hot.deinitialize(count: 1)
        self.hot.deallocate()
    }

    var hasWork: Bool { !self.hot.pointee.dirty.isEmpty || !self.ended.isEmpty }

    /// Whether the loop's thread sends in batches.
    var isBatched: Bool { self.sender != nil }

    /// Sends in batches from now on, if the kernel lets us; call on the thread of the loop.
    func useBatches() { self.sender = BatchedSender() }

    /// Lets go of what belongs to the loop's thread.
    func endBatches() { self.sender = nil }

    /// Puts bytes into the arena: `fill` writes at most `maximum` of them and says how many.
    package func put(maximum: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> OutboundRange {
        self.reserve(maximum)
        let hot = self.hot
        let space = UnsafeMutableRawBufferPointer(start: hot.pointee.arena + hot.pointee.count, count: maximum)
        let filled = min(fill(space), maximum)
        let range = OutboundRange(offset: UInt32(hot.pointee.count), count: UInt32(filled))
        hot.pointee.count += filled
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
        let address = Unmanaged.passUnretained(key).toOpaque()
        if self.hot.pointee.sharedKey == address, self.hot.pointee.sharedVariant == variant {
            return self.hot.pointee.sharedRange
        }
        let range = self.put(maximum: maximum, fill)
        self.sharedObject = key
        self.hot.pointee.sharedKey = address
        self.hot.pointee.sharedVariant = variant
        self.hot.pointee.sharedRange = range
        return range
    }

    @inline(__always)
    func bytes(_ segment: OutboundState.Segment) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.hot.pointee.arena + Int(segment.offset), count: Int(segment.count))
    }

    /// The channel has something to do at the end of the turn.
    @inline(__always)
    func markDirty(_ state: UnsafeMutablePointer<OutboundState>) {
        state.pointee.isDirty = true
        self.hot.pointee.dirty.append(state)
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
        let hot = self.hot
        if let sender = self.sender, hot.pointee.dirty.count >= Self.leastBatch {
            self.writeAll(by: sender)
        } else {
            for state in hot.pointee.dirty {
                state.pointee.isDirty = false
                state.pointee.channel._withUnsafeGuaranteedRef { $0.writeQueued() }
            }
        }
        hot.pointee.dirty.removeAll(keepingCapacity: true)
        hot.pointee.sharedKey = nil
        self.sharedObject = nil
        hot.pointee.count = 0
        if hot.pointee.capacity > Self.keptCapacity { self.grow(to: Self.keptCapacity) }
    }

    private func writeAll(by sender: BatchedSender) {
        for state in self.hot.pointee.dirty {
            state.pointee.isDirty = false
            let channel = state.pointee.channel
            let descriptor = channel._withUnsafeGuaranteedRef { $0.batchDescriptor }
            if let descriptor {
                if sender.add(state, to: descriptor, from: self) { continue }
                self.submit(sender)
                if self.isBatched, sender.add(state, to: descriptor, from: self) { continue }
            }
            channel._withUnsafeGuaranteedRef { $0.writeQueued() }
        }
        self.submit(sender)
    }

    private func submit(_ sender: BatchedSender) {
        guard !sender.isEmpty else { return }
        let works = sender.submit(
            done: { state, result in
                state.pointee.channel._withUnsafeGuaranteedRef { $0.wroteQueued(result) }
            },
            notSent: { state in
                state.pointee.channel._withUnsafeGuaranteedRef { $0.writeQueued() }
            }
        )
        if !works { self.sender = nil }
    }

    private func reserve(_ more: Int) {
        if self.hot.pointee.count > Self.highWater { self.writeAll() }
        let needed = self.hot.pointee.count + more
        if needed > self.hot.pointee.capacity { self.grow(to: max(needed, self.hot.pointee.capacity * 2)) }
    }

    private func grow(to capacity: Int) {
        let arena = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        arena.copyMemory(from: self.hot.pointee.arena, byteCount: self.hot.pointee.count)
        self.hot.pointee.arena.deallocate()
        self.hot.pointee.arena = arena
        self.hot.pointee.capacity = capacity
    }
}
