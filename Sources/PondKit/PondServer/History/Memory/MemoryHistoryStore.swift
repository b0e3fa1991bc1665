public import PondCore
public import PondRuntime
internal import Synchronization

/// A history that lasts as long as the process, bounded per channel and altogether.
///
/// A channel's past outlives its last member, so that who comes back finds it; the past of channels without members
/// goes first when there is too much, the longest deserted first.
public final class MemoryHistoryStore: HistoryStore {
    private let bounds: HistoryBounds
    private let maximumChannels: Int
    private let maximumBytes: Int
    private let registry = Lock(DesertedLogs())
    private let bytes = Atomic<Int>(0)

    /// A store whose channels keep so much each, and all together `maximumBytes` of at most so many channels.
    public init(
        bounds: HistoryBounds = HistoryBounds(.default),
        maximumChannels: Int = Limits.default.channels,
        maximumBytes: Int = 256 * 1024 * 1024
    ) {
        self.bounds = bounds
        self.maximumChannels = maximumChannels
        self.maximumBytes = maximumBytes
    }

    /// The bytes of everything kept, roughly.
    public var totalBytes: Int { self.bytes.load(ordering: .relaxed) }

    /// The number of channels with a past.
    public var channelCount: Int { self.registry.withLock { $0.count } }

    // Logs

    /// The log of a channel, which has members from now on; begun at `position`, or at a new epoch, where there is none.
    func log(of channel: HistoryKey, at position: StreamPosition? = nil, now: MonotonicTime) -> MemoryHistoryLog {
        let (log, freed) = self.registry.withLock { registry in
            let freed =
                registry.forgetDeserted(longerThan: self.bounds.age, now: now)
                + registry.forgetDeserted(leaving: self.maximumChannels - 1)
            if let log = registry.enter(channel), position == nil || log.ring.position == position {
                return (log, freed)
            }
            let start = position ?? StreamPosition(epoch: PondID.token(), offset: 0)
            let log = MemoryHistoryLog(at: start, bounds: self.bounds, of: self)
            return (log, freed + registry.add(log, of: channel))
        }
        self.count(bytes: -freed)
        return log
    }

    /// How far the log of a channel goes that had members before; `nil` where there is none.
    func known(of channel: HistoryKey) -> StreamPosition? {
        self.registry.withLock { $0.log(of: channel)?.ring.position }.flatMap { $0.epoch.isEmpty ? nil : $0 }
    }

    /// Notes that a channel has no members any more.
    func desert(_ channel: HistoryKey, now: MonotonicTime) {
        self.registry.withLock { $0.desert(channel, now: now) }
    }

    func count(bytes change: Int) {
        if change != 0 { self.bytes.wrappingAdd(change, ordering: .relaxed) }
    }

    /// Whether there is too much even after deserted channels were forgotten.
    var isOverfull: Bool {
        guard self.totalBytes > self.maximumBytes else { return false }
        let excess = self.totalBytes - self.maximumBytes
        self.count(bytes: -self.registry.withLock { $0.forgetDeserted(bytes: excess) })
        return self.totalBytes > self.maximumBytes
    }

    // HistoryStore

    public func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        then(.success(self.log(of: channel, now: loop.now).ring.position))
    }

    public func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        guard let log = self.registry.withLock({ $0.log(of: channel) }), log.ring.epoch == epoch else {
            return then(.notFound("The channel's history is not open"))
        }
        log.append(broadcast, now: loop.now)
        then(nil)
    }

    public func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        guard let log = self.registry.withLock({ $0.log(of: channel) }) else { return then(.success(.impossible)) }
        then(.success(log.recover(after: position, maximumBytes: maximumBytes, now: loop.now)))
    }

    public func close(_ channel: HistoryKey, on loop: EventLoop) { self.desert(channel, now: loop.now) }
}
