import PondChat
import PondKit

/// The history of rooms and conversations in Redis, shared by all nodes, with this node's tables following it.
///
/// Redis has the word on what was said and in which order; the tables of each node are what it makes of that, for pages,
/// searches and marks. A channel that opens here first catches up with what was said elsewhere.
final class ProjectedHistoryStore: SharedHistoryStore {
    private let shared: RedisHistoryStore
    private let store: ChatStore
    private let log: ServerLog
    private let progress = Lock<[HistoryKey: Progress]>([:])

    /// How far the tables follow a channel.
    private struct Progress {
        var done: UInt64 = 0
        var waiting: [(offset: UInt64, then: @Sendable () -> Void)] = []
    }

    init(_ shared: RedisHistoryStore, into store: ChatStore, log: ServerLog) {
        self.shared = shared
        self.store = store
        self.log = log
    }

    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.shared.open(channel, on: loop) { self.catchUp(channel, $0, on: loop, then: then) }
    }

    func reopen(
        _ channel: HistoryKey,
        known: StreamPosition?,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.shared.reopen(channel, known: known, on: loop) { self.catchUp(channel, $0, on: loop, then: then) }
    }

    /// Lets the tables follow up to where the channel is.
    private func catchUp(
        _ channel: HistoryKey,
        _ opened: Result<StreamPosition, PondError>,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        guard case .success(let position) = opened else { return then(opened) }
        Task {
            let from = await self.store.followed(channel, epoch: position.epoch)
            self.progress.withLock { $0[channel] = Progress(done: from) }
            self.read(channel, StreamPosition(epoch: position.epoch, offset: from), upTo: position, on: loop) {
                loop.execute { then(.success(position)) }
            }
        }
    }

    private func read(
        _ channel: HistoryKey,
        _ from: StreamPosition,
        upTo end: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable () -> Void
    ) {
        guard from.offset < end.offset else { return then() }
        self.shared.read(channel, after: from, maximumBytes: .max, on: loop) { result in
            if case .success(.whole(let missed)) = result {
                for broadcast in missed where broadcast.offset <= end.offset {
                    self.goesOut(broadcast, in: channel, epoch: end.epoch)
                }
            } else {
                // What Redis forgot is in the tables of those who were there.
                self.log.warning("a channel cannot be followed without a gap", ("channel", .string(channel.channel)))
            }
            self.whenDone(with: (try? result.get())?.last ?? 0, in: channel, on: loop, then: then)
        }
    }

    func append(
        _ broadcast: SharedBroadcast,
        to channel: HistoryKey,
        known: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<SharedAppend, PondError>) -> Void
    ) {
        self.shared.append(broadcast, to: channel, known: known, on: loop, then: then)
    }

    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        self.shared.append(broadcast, to: channel, epoch: epoch, on: loop, then: then)
    }

    func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        self.shared.read(channel, after: position, maximumBytes: maximumBytes, on: loop, then: then)
    }

    func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        self.shared.requests(of: client, in: channel, on: loop, then: then)
    }

    func close(_ channel: HistoryKey, on loop: EventLoop) { self.shared.close(channel, on: loop) }

    // Following

    func goesOut(_ broadcast: StoredBroadcast, in channel: HistoryKey, epoch: String) {
        self.store.follow(broadcast, in: channel, epoch: epoch) { self.done(broadcast.offset, in: channel) }
    }

    private func done(_ offset: UInt64, in channel: HistoryKey) {
        let ready = self.progress.withLock { progress -> [@Sendable () -> Void] in
            var now = progress[channel] ?? Progress()
            now.done = max(now.done, offset)
            let ready = now.waiting.filter { $0.offset <= now.done }.map(\.then)
            now.waiting.removeAll { $0.offset <= now.done }
            progress[channel] = now
            return ready
        }
        for then in ready { then() }
    }

    func whenDone(
        with offset: UInt64,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable () -> Void
    ) {
        let isDone = self.progress.withLock { progress in
            guard let now = progress[channel], now.done < offset else { return true }
            progress[channel]?.waiting.append((offset, { loop.execute(then) }))
            return false
        }
        if isDone { then() }
    }
}

extension RecoveryDecision {
    /// The number of the last that can be had.
    fileprivate var last: UInt64? {
        if case .whole(let broadcasts) = self { broadcasts.last?.offset } else { nil }
    }
}
