import PondCore

/// The latest broadcasts of a channel, bounded in number, bytes and age.
struct BroadcastRing: Sendable {
    /// The random id of this numbering.
    let epoch: String
    /// The number of the newest broadcast, kept or not.
    private(set) var last: UInt64
    /// The bytes of what is kept.
    private(set) var bytes = 0
    /// The number of the newest broadcast that is not kept any more: before it nobody can be helped.
    private var forgotten: UInt64
    private let bounds: HistoryBounds
    private var kept = Queue<Entry>()

    private struct Entry: Sendable {
        let broadcast: StoredBroadcast
        let since: MonotonicTime
        let cost: Int
    }

    /// A ring that keeps nothing yet of a numbering that stands at `position`.
    init(at position: StreamPosition, bounds: HistoryBounds) {
        self.epoch = position.epoch
        self.last = position.offset
        self.forgotten = position.offset
        self.bounds = bounds
    }

    /// The number of broadcasts kept.
    var count: Int { self.kept.count }

    /// The place after the newest broadcast.
    var position: StreamPosition { StreamPosition(epoch: self.epoch, offset: self.last) }

    /// Takes the next broadcast; one that does not come after all others is not taken.
    mutating func append(_ broadcast: StoredBroadcast, now: MonotonicTime) {
        guard broadcast.offset > self.last else { return }
        self.last = broadcast.offset
        let cost = broadcast.cost
        self.kept.append(Entry(broadcast: broadcast, since: now, cost: cost))
        self.bytes += cost
        self.expire(now: now)
    }

    /// Forgets what is too old or too much.
    mutating func expire(now: MonotonicTime) {
        while self.count > self.bounds.messages || (self.bytes > self.bounds.bytes && self.count > 0) {
            self.forgetOldest()
        }
        while let oldest = self.kept.first, now - oldest.since > self.bounds.age { self.forgetOldest() }
    }

    /// Forgets everything, because it is not what holds any more.
    mutating func forgetAll() {
        self.kept.removeAll()
        self.bytes = 0
        self.forgotten = self.last
    }

    /// Forgets the older half, because all channels together keep too much.
    mutating func halve() {
        for _ in 0..<(self.count + 1) / 2 { self.forgetOldest() }
    }

    /// What came after a position, where all of it is kept and no larger than `maximumBytes`.
    func recover(after position: StreamPosition, maximumBytes: Int = .max) -> RecoveryDecision {
        guard position.epoch == self.epoch else { return .impossible }
        guard position.offset >= self.forgotten, position.offset <= self.last else { return .impossible }
        var low = 0
        var high = self.kept.count
        while low < high {
            let middle = low + (high - low) / 2
            if self.kept[middle].broadcast.offset <= position.offset { low = middle + 1 } else { high = middle }
        }
        var size = 0
        var missed: [StoredBroadcast] = []
        missed.reserveCapacity(self.kept.count - low)
        for entry in self.kept[low...] {
            size += entry.cost
            guard size <= maximumBytes else { return .impossible }
            missed.append(entry.broadcast)
        }
        return .whole(missed)
    }

    /// The ids of the requests of a client of which broadcasts are kept.
    func requests(of client: ClientID) -> [String] {
        self.kept.compactMap {
            $0.broadcast.origin?.client == client ? $0.broadcast.origin?.requestId : nil
        }
    }

    private mutating func forgetOldest() {
        guard let oldest = self.kept.popFirst() else { return }
        self.bytes -= oldest.cost
        self.forgotten = oldest.broadcast.offset
    }
}
