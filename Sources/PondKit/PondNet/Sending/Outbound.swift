internal import CPondSys
internal import Glibc
package import PondRuntime

/// What the channels of one loop queued in the current turn.
///
/// Bytes are put into the arena once; each channel keeps ranges of it. At the end of the turn every channel with
/// something to write is written once, and the arena is empty again.
package final class Outbound: TurnWriter {
    /// A segment beyond those that a channel's state has room for.
    private struct More {
        var segment: OutboundState.Segment
        /// The next one of the same channel; 0 where there is none.
        var next: UInt32
    }

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
        /// Index 0 stands for none.
        var more: ContiguousArray<More> = [More(segment: OutboundState.Segment(offset: 0, count: 0), next: 0)]
        /// Several segments in one piece, for all channels that have the same.
        var gathered: UnsafeMutableRawPointer?
        /// What `gathered` was made of.
        var gatheredInline: OutboundState?
    }

    /// Beyond this, what is queued is written before the turn ends.
    private static let highWater = 4 * 1024 * 1024
    /// What the arena keeps from one turn to the next.
    private static let keptCapacity = 1024 * 1024
    /// How many entries of the list of segments are kept from one turn to the next.
    private static let keptMore = 65_536
    /// Fewer connections than this are sent to plainly: a batch has a price of its own.
    private static let leastBatch = 8
    /// Several segments that are not more than this are sent in one piece.
    private static let gatherBytes = 64 * 1024

    private let hot: UnsafeMutablePointer<Hot>
    private let cells = OutboundCells()
    private var sharedObject: AnyObject?
    private var ended: ContiguousArray<OutboundOwner> = []
    private var sender: BatchedSender?

    /// The queue of a loop, made with the loop's first socket. Call on the loop.
    package static func of(_ loop: EventLoop) -> Outbound {
        if let writer = loop.writer as? Outbound { return writer }
        let outbound = Outbound(batched: loop.maySendInBatches)
        loop.install(outbound)
        return outbound
    }

    init(batched: Bool) {
        let capacity = 4096
        self.hot = .allocate(capacity: 1)
        self.hot.initialize(to: Hot(arena: .allocate(byteCount: capacity, alignment: 16), capacity: capacity))
        if batched { self.sender = BatchedSender() }
    }

    deinit {
        self.hot.pointee.arena.deallocate()
        self.hot.pointee.gathered?.deallocate()
        self.hot.deinitialize(count: 1)
        self.hot.deallocate()
    }

    package var hasWork: Bool { !self.hot.pointee.dirty.isEmpty || !self.ended.isEmpty }

    /// Whether the loop's thread sends in batches.
    package var isBatched: Bool { self.sender != nil }

    package func threadEnds() { self.sender = nil }

    // MARK: States

    func makeState(descriptor: Int32) -> UnsafeMutablePointer<OutboundState> {
        self.cells.make(OutboundState(descriptor: descriptor))
    }

    /// Takes a state back from a channel that is released. Call on the loop, or when the loop has stopped.
    func removeState(_ state: UnsafeMutablePointer<OutboundState>) {
        if state.pointee.flags.contains(.dirty) { self.hot.pointee.dirty.removeAll { $0 == state } }
        self.cells.remove(state)
    }

    // MARK: Queueing

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

    /// Room for at most so many bytes in the arena, valid until the next call; `take` says how many were written.
    @inline(__always)
    func room(_ maximum: Int) -> UnsafeMutableRawPointer {
        self.reserve(maximum)
        return self.hot.pointee.arena + self.hot.pointee.count
    }

    /// Takes what was written into the room that was asked for last.
    @inline(__always)
    func take(_ count: Int) -> OutboundRange {
        let range = OutboundRange(offset: UInt32(self.hot.pointee.count), count: UInt32(count))
        self.hot.pointee.count += count
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

    /// Whether a frame of `size` bytes may be queued in a lane without asking the channel's owner.
    @inline(__always)
    package func takes(_ size: Int, _ lane: OutboundLane) -> Bool {
        let state = lane.state
        let below = state.pointee.sharedBelow
        return (size < Int(below) || below == OutboundState.anySize && size < Int(UInt32.max))
            && state.pointee.backlog == nil
            && Int(state.pointee.segmentBytes) + size <= Int(state.pointee.bound)
    }

    /// Queues a range for a channel.
    @inline(__always)
    package func append(_ range: OutboundRange, to lane: OutboundLane) { self.append(range, to: lane.state) }

    @inline(__always)
    func append(_ range: OutboundRange, to state: UnsafeMutablePointer<OutboundState>) {
        guard range.count > 0 else { return }
        if !state.pointee.append(range) { self.appendMore(range, to: state) }
        if !state.pointee.flags.contains(.dirty) { self.markDirty(state) }
    }

    private func appendMore(_ range: OutboundRange, to state: UnsafeMutablePointer<OutboundState>) {
        let hot = self.hot
        state.pointee.addMore(range.count)
        let last = Int(state.pointee.lastMore)
        let segment = hot.pointee.more[last].segment
        if last > 0, segment.offset &+ segment.count == range.offset {
            hot.pointee.more[last].segment.count &+= range.count
            return
        }
        let index = UInt32(hot.pointee.more.count)
        hot.pointee.more.append(More(segment: .init(offset: range.offset, count: range.count), next: 0))
        if last > 0 { hot.pointee.more[last].next = index } else { state.pointee.firstMore = index }
        state.pointee.lastMore = index
    }

    /// What a channel queued, piece by piece.
    func forEachSegment(_ state: UnsafeMutablePointer<OutboundState>, _ body: (UnsafeRawBufferPointer) -> Void) {
        state.pointee.forEachInline { body(self.bytes($0)) }
        var next = Int(state.pointee.firstMore)
        while next > 0 {
            let more = self.hot.pointee.more[next]
            body(self.bytes(more.segment))
            next = Int(more.next)
        }
    }

    /// How many pieces a channel queued.
    func segmentCount(_ state: UnsafeMutablePointer<OutboundState>) -> Int {
        var count = 0
        self.forEachSegment(state) { _ in count += 1 }
        return count
    }

    @inline(__always)
    func bytes(_ segment: OutboundState.Segment) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.hot.pointee.arena + Int(segment.offset), count: Int(segment.count))
    }

    /// The channel has something to do at the end of the turn.
    @inline(__always)
    func markDirty(_ state: UnsafeMutablePointer<OutboundState>) {
        state.pointee.flags.insert(.dirty)
        self.hot.pointee.dirty.append(state)
    }

    /// Tells the owner's end when everything is written.
    func markEnded(_ owner: OutboundOwner) { self.ended.append(owner) }

    // MARK: Writing

    /// Writes what was queued and tells of the ends.
    package func flush() {
        self.writeAll()
        guard !self.ended.isEmpty else { return }
        let ended = self.ended
        self.ended = []
        for owner in ended { owner.tellEnd() }
    }

    /// Writes what was queued; calls no receiver, so that it may happen in the middle of a turn.
    private func writeAll() {
        let hot = self.hot
        if let sender = self.sender, hot.pointee.dirty.count >= Self.leastBatch {
            self.writeAll(by: sender)
        } else {
            var index = 0
            while index < hot.pointee.dirty.count {
                self.write(hot.pointee.dirty[index])
                index += 1
            }
        }
        hot.pointee.dirty.removeAll(keepingCapacity: true)
        let more = hot.pointee.more.count
        if more > Self.keptMore {
            hot.pointee.more = [hot.pointee.more[0]]
        } else if more > 1 {
            hot.pointee.more.removeLast(more - 1)
        }
        hot.pointee.gatheredInline = nil
        hot.pointee.sharedKey = nil
        self.sharedObject = nil
        hot.pointee.count = 0
        if hot.pointee.capacity > Self.keptCapacity { self.grow(to: Self.keptCapacity) }
    }

    @inline(__always)
    private func write(_ state: UnsafeMutablePointer<OutboundState>) {
        state.pointee.flags.remove(.dirty)
        guard state.pointee.isSimple, let bytes = self.inOnePiece(state) else {
            state.pointee.owner?._withUnsafeGuaranteedRef { $0.writeQueued() }
            return
        }
        let sent = pond_send(state.pointee.descriptor, bytes.baseAddress, bytes.count)
        if sent == bytes.count {
            state.pointee.removeSegments()
        } else {
            state.pointee.owner?._withUnsafeGuaranteedRef { $0.wroteQueued(sent) }
        }
    }

    /// What a channel queued as one piece of memory, unless that is much; valid until the next call.
    func inOnePiece(_ state: UnsafeMutablePointer<OutboundState>) -> UnsafeRawBufferPointer? {
        if let only = state.pointee.onlySegment { return self.bytes(only) }
        let size = Int(state.pointee.segmentBytes)
        guard size <= Self.gatherBytes else { return nil }
        let hot = self.hot
        if let last = hot.pointee.gatheredInline, last.matches(state.pointee),
            self.haveSameMore(last.firstMore, state.pointee.firstMore)
        {
            return UnsafeRawBufferPointer(start: hot.pointee.gathered, count: size)
        }
        let space = hot.pointee.gathered ?? .allocate(byteCount: Self.gatherBytes, alignment: 16)
        hot.pointee.gathered = space
        hot.pointee.gatheredInline = state.pointee
        var count = 0
        self.forEachSegment(state) { bytes in
            UnsafeMutableRawBufferPointer(start: space + count, count: bytes.count).copyMemory(from: bytes)
            count += bytes.count
        }
        return UnsafeRawBufferPointer(start: space, count: count)
    }

    private func haveSameMore(_ first: UInt32, _ second: UInt32) -> Bool {
        var (one, other) = (Int(first), Int(second))
        while one > 0, other > 0 {
            let (left, right) = (self.hot.pointee.more[one], self.hot.pointee.more[other])
            guard left.segment == right.segment else { return false }
            (one, other) = (Int(left.next), Int(right.next))
        }
        return one == other
    }

    private func writeAll(by sender: BatchedSender) {
        var index = 0
        while index < self.hot.pointee.dirty.count {
            let state = self.hot.pointee.dirty[index]
            index += 1
            state.pointee.flags.remove(.dirty)
            if state.pointee.isSimple, self.segmentCount(state) <= BatchedSender.piecesPerConnection {
                if sender.add(state, from: self) { continue }
                self.submit(sender)
                if self.isBatched, sender.add(state, from: self) { continue }
            }
            state.pointee.owner?._withUnsafeGuaranteedRef { $0.writeQueued() }
        }
        self.submit(sender)
    }

    private func submit(_ sender: BatchedSender) {
        guard !sender.isEmpty else { return }
        let works = sender.submit(
            done: { state, result in
                if result == Int(state.pointee.segmentBytes) {
                    state.pointee.removeSegments()
                } else {
                    state.pointee.owner?._withUnsafeGuaranteedRef { $0.wroteQueued(result) }
                }
            },
            notSent: { state in
                state.pointee.owner?._withUnsafeGuaranteedRef { $0.writeQueued() }
            },
            unknown: { state in
                // Ends the connection: sending the bytes again could double them.
                state.pointee.owner?._withUnsafeGuaranteedRef { $0.wroteQueued(-Int(EIO)) }
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
