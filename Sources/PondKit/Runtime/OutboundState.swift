/// What one channel has to write: kept apart from the channel's object, so that a broadcast touches plain memory only.
struct OutboundState {
    struct Segment {
        var offset: UInt32
        var count: UInt32
    }

    static let inlineSegments = 4

    let channel: Unmanaged<ByteChannel>
    /// Listed among the loop's channels with something to do at the end of the turn.
    var isDirty = false
    /// Takes no more bytes.
    var isClosed = false
    private var inlineCount: UInt8 = 0
    private var inline = InlineArray<4, Segment>(repeating: Segment(offset: 0, count: 0))
    /// Segments beyond the inline ones; memory only while a turn needs it.
    private var more: ContiguousArray<Segment> = []
    /// Bytes in the segments.
    private(set) var segmentBytes = 0
    /// What the socket would not take; written when it is ready again.
    var backlog = ByteQueue()

    init(_ channel: Unmanaged<ByteChannel>) { self.channel = channel }

    var queuedBytes: Int { self.segmentBytes + self.backlog.count }

    var segmentCount: Int { Int(self.inlineCount) + self.more.count }

    func segment(_ index: Int) -> Segment {
        index < Int(self.inlineCount) ? self.inline[index] : self.more[index - Int(self.inlineCount)]
    }

    @inline(__always)
    mutating func append(_ range: OutboundRange) {
        self.segmentBytes += Int(range.count)
        let count = Int(self.inlineCount)
        if !self.more.isEmpty {
            self.appendMore(range)
        } else if count > 0, self.inline[count - 1].offset &+ self.inline[count - 1].count == range.offset {
            self.inline[count - 1].count += range.count
        } else if count < Self.inlineSegments {
            self.inline[count] = Segment(offset: range.offset, count: range.count)
            self.inlineCount += 1
        } else {
            self.appendMore(range)
        }
    }

    private mutating func appendMore(_ range: OutboundRange) {
        if let last = self.more.last, last.offset &+ last.count == range.offset {
            self.more[self.more.count - 1].count += range.count
        } else {
            self.more.append(Segment(offset: range.offset, count: range.count))
        }
    }

    mutating func removeSegments() {
        self.inlineCount = 0
        self.segmentBytes = 0
        if !self.more.isEmpty { self.more = [] }
    }
}
