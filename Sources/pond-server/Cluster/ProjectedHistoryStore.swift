import PondChat
import PondKit

/// The history of rooms and conversations in Redis, shared by all nodes, with this node's tables following it.
///
/// Redis has the word on what was said and in which order; the tables of each node are what it makes of that, for pages,
/// searches and marks. A channel that opens here first catches up with what was said elsewhere.
final class ProjectedHistoryStore: SharedHistoryStore {
    private let shared: RedisHistoryStore
    private let store: ChatStore
    private let reading: SharedReading
    private let log: ServerLog
    private let redacted = Lock<(@Sendable () -> Void)?>(nil)
    private let progress = Lock<[HistoryKey: Progress]>([:])

    /// How far the tables follow a channel that is open.
    private struct Progress {
        /// How often it was opened and not closed.
        var uses = 0
        var epoch = ""
        var done: UInt64 = 0
        var waiting: [(offset: UInt64, then: @Sendable () -> Void)] = []
    }

    init(_ shared: RedisHistoryStore, into store: ChatStore, reading: SharedReading, log: ServerLog) {
        self.shared = shared
        self.store = store
        self.reading = reading
        self.log = log
    }

    var whileAway: StoreAbsence { self.shared.whileAway }

    var hasRoom: Bool { self.shared.hasRoom }

    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.progress.withLock { $0[channel, default: Progress()].uses += 1 }
        self.shared.open(channel, on: loop) { self.catchUp(channel, $0, on: loop, then: then) }
    }

    func begin(
        _ channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.shared.begin(channel, epoch: epoch, on: loop, then: then)
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
            self.progress.withLock { progress in
                // It may be closed by now.
                guard let known = progress[channel] else { return }
                progress[channel]?.done = known.epoch == position.epoch ? max(known.done, from) : from
                progress[channel]?.epoch = position.epoch
            }
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
            guard case .success(.whole(let missed)) = result else {
                return self.readAfterGap(channel, from, upTo: end, on: loop, then: then)
            }
            self.take(missed, of: channel, upTo: end, on: loop, then: then)
        }
    }

    /// Redis does not reach back so far: there is a gap, then what Redis has.
    private func readAfterGap(
        _ channel: HistoryKey,
        _ from: StreamPosition,
        upTo end: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable () -> Void
    ) {
        self.shared.readKept(channel, after: from, on: loop) { result in
            var kept: [StoredBroadcast] = []
            if case .success(.whole(let broadcasts)) = result { kept = broadcasts }
            self.log.warning("a channel is followed with a gap", ("channel", .string(channel.channel)))
            self.store.noteGap(
                channel,
                epoch: end.epoch,
                upTo: kept.first.map { PeerNumber.before($0.offset) } ?? end.offset
            )
            self.take(kept, of: channel, upTo: end, on: loop, then: then)
        }
    }

    private func take(
        _ broadcasts: [StoredBroadcast],
        of channel: HistoryKey,
        upTo end: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable () -> Void
    ) {
        for broadcast in broadcasts where broadcast.offset <= end.offset {
            self.goesOut(broadcast, in: channel, epoch: end.epoch)
        }
        let last = broadcasts.last { $0.offset <= end.offset }?.offset ?? 0
        self.whenDone(with: last, in: channel, on: loop, then: then)
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

    func handled(_ request: RequestOrigin, in channel: HistoryKey, on loop: EventLoop) {
        self.shared.handled(request, in: channel, on: loop)
    }

    func close(_ channel: HistoryKey, on loop: EventLoop) {
        self.shared.close(channel, on: loop)
        self.progress.withLock { progress in
            progress[channel]?.uses -= 1
            Self.leave(channel, &progress)
        }
    }

    /// Lets go of a channel that is closed and for which nobody waits.
    private static func leave(_ channel: HistoryKey, _ progress: inout [HistoryKey: Progress]) {
        if let known = progress[channel], known.uses <= 0, known.waiting.isEmpty { progress[channel] = nil }
    }

    // Without members

    /// Lets the tables follow a channel up to what Redis has now, be it open or not: what another server said last may
    /// still be on its way here.
    func visit(_ channel: HistoryKey, on loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            self.open(channel, on: loop) { _ in
                self.close(channel, on: loop)
                continuation.resume()
            }
        }
    }

    /// Says something in a channel that has no members here; those elsewhere hear it.
    func say(
        _ event: String,
        _ payload: Payload,
        in channel: HistoryKey,
        _ cluster: ClusterOptions,
        on loop: EventLoop
    ) async {
        let broadcast = StoredBroadcast(
            offset: 0,
            event: event,
            requestId: PondID.uuid(),
            recipients: .all,
            payload: payload
        )
        await withCheckedContinuation { continuation in
            self.open(channel, on: loop) { opened in
                guard case .success(let position) = opened else { return continuation.resume() }
                var shared = SharedBroadcast(id: broadcast.requestId, broadcast: broadcast)
                shared.announcement = .init(of: broadcast, in: channel, epoch: position.epoch, cluster)
                self.append(shared, to: channel, known: position, on: loop) { result in
                    if case .success(.stored(let offset, _)) = result {
                        var stored = broadcast
                        stored.offset = offset
                        self.goesOut(stored, in: channel, epoch: position.epoch)
                    }
                    self.close(channel, on: loop)
                    continuation.resume()
                }
            }
        }
    }

    /// Takes back in Redis what the tables took back; `false` where Redis does not answer.
    func erase(_ unerased: ChatTables.Unerased) async -> Bool {
        let key = ChatTables.key(of: unerased.channel)
        return await withCheckedContinuation { continuation in
            let then: @Sendable (PondError?) -> Void = { continuation.resume(returning: $0 == nil) }
            guard !unerased.isWhole else { return self.shared.forget(key, upTo: unerased.position, then: then) }
            let change = (offset: unerased.position.offset, payload: unerased.payload)
            self.shared.rewrite([change], in: key, epoch: unerased.position.epoch, then: then)
        }
    }

    /// Hears that the tables took something back that was broadcast.
    func onRedaction(_ body: @escaping @Sendable () -> Void) { self.redacted.withLock { $0 = body } }

    func revision(of channel: HistoryKey) -> UInt64 { self.store.history.revision(of: channel) }

    // Following

    func goesOut(_ broadcast: StoredBroadcast, in channel: HistoryKey, epoch: String) {
        self.store.follow(broadcast, in: channel, epoch: epoch) {
            self.done(broadcast.offset, in: channel)
            if [MessageEdited.event, MessageRemoved.event].contains(broadcast.event) {
                self.redacted.withLock { $0 }?()
            }
        }
        guard broadcast.event == ChatMessage.event, let place = ChatChannel(path: channel.channel), !place.isLobby,
            let message = try? ChatMessage(broadcast.payload)
        else { return }
        self.reading.said(in: place, at: message.at)
    }

    private func done(_ offset: UInt64, in channel: HistoryKey) {
        let ready = self.progress.withLock { progress -> [@Sendable () -> Void] in
            guard var now = progress[channel] else { return [] }
            now.done = max(now.done, offset)
            let ready = now.waiting.filter { $0.offset <= now.done }.map(\.then)
            now.waiting.removeAll { $0.offset <= now.done }
            progress[channel] = now
            Self.leave(channel, &progress)
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
