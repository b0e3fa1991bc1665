/// What one channel has to write, in one line of the processor's cache: a broadcast and the end of the turn touch
/// nothing else of a connection.
struct OutboundState {
    struct Segment: Equatable {
        var offset: UInt32
        var count: UInt32
    }

    struct Flags: OptionSet {
        let rawValue: UInt8

        /// Listed among the loop's channels with something to do at the end of the turn.
        static let dirty = Flags(rawValue: 1)
        /// Takes no more bytes.
        static let closed = Flags(rawValue: 2)
        /// What is queued goes to the socket as it is, and nothing has to be looked at afterwards.
        static let simple = Flags(rawValue: 4)
    }

    static let inlineSegments = 3
    /// A `sharedBelow` without a bound.
    static let anySize = UInt16.max

    /// Set when the owner is made, and alive as long as this state.
    var owner: Unmanaged<OutboundOwner>?
    var descriptor: Int32
    var flags: Flags = []
    private var inlineCount: UInt8 = 0
    /// Frames smaller than this are taken as all others get them; 0 where the channel's owner must be asked first.
    var sharedBelow: UInt16 = 0
    /// Bytes in the segments.
    private(set) var segmentBytes: UInt32 = 0
    /// So many bytes may be queued by those who do not ask the channel's owner.
    var bound: UInt32 = 0
    private var inline = InlineArray<3, Segment>(repeating: Segment(offset: 0, count: 0))
    /// The first and the last of the segments beyond the inline ones, in the loop's list; 0 where there are none.
    var firstMore: UInt32 = 0
    var lastMore: UInt32 = 0
    /// What the socket would not take; written when it is ready again.
    private(set) var backlog: ByteQueue?

    init(descriptor: Int32) { self.descriptor = descriptor }

    var queuedBytes: Int { Int(self.segmentBytes) + (self.backlog?.count ?? 0) }

    var isClosed: Bool { self.flags.contains(.closed) }

    /// Whether what is queued is all that is to be done, and can be sent at once.
    @inline(__always)
    var isSimple: Bool { self.flags.contains(.simple) && self.backlog == nil && self.segmentBytes > 0 }

    /// The only segment, where there is one only.
    @inline(__always)
    var onlySegment: Segment? { self.inlineCount == 1 && self.firstMore == 0 ? self.inline[0] : nil }

    var hasSegments: Bool { self.inlineCount > 0 }

    func forEachInline(_ body: (Segment) -> Void) {
        for index in 0..<Int(self.inlineCount) { body(self.inline[index]) }
    }

    /// Whether the inline segments are the same.
    func matches(_ other: OutboundState) -> Bool {
        guard self.inlineCount == other.inlineCount, self.segmentBytes == other.segmentBytes else { return false }
        for index in 0..<Int(self.inlineCount) where self.inline[index] != other.inline[index] { return false }
        return true
    }

    /// Takes a range in; false when there is no room for it here.
    @inline(__always)
    mutating func append(_ range: OutboundRange) -> Bool {
        guard self.firstMore == 0 else { return false }
        let count = Int(self.inlineCount)
        if count > 0, self.inline[count - 1].offset &+ self.inline[count - 1].count == range.offset {
            self.inline[count - 1].count &+= range.count
        } else if count < Self.inlineSegments {
            self.inline[count] = Segment(offset: range.offset, count: range.count)
            self.inlineCount &+= 1
        } else {
            return false
        }
        self.segmentBytes &+= range.count
        return true
    }

    /// Counts bytes that were put into the loop's list.
    mutating func addMore(_ count: UInt32) { self.segmentBytes &+= count }

    @inline(__always)
    mutating func removeSegments() {
        self.inlineCount = 0
        self.segmentBytes = 0
        self.firstMore = 0
        self.lastMore = 0
    }

    mutating func appendToBacklog(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        let backlog = self.backlog ?? ByteQueue()
        backlog.append(bytes)
        self.backlog = backlog
    }

    mutating func removeFromBacklog(_ count: Int) {
        self.backlog?.removeFirst(count)
        if self.backlog?.isEmpty == true { self.backlog = nil }
    }

    mutating func removeBacklog() { self.backlog = nil }
}

/// The owner of an outbound state, which the loop's queue calls at the end of a turn. Confined to the loop.
package class OutboundOwner {
    init() {}

    /// Writes what is queued: the queue could not send it by itself.
    func writeQueued() {}

    /// The queue offered the socket everything; `result` is the number of bytes taken, or the negative error number.
    func wroteQueued(_ result: Int) {}

    /// Tells the receiver of the end: nothing of the owner is on the stack any more.
    func tellEnd() {}
}
