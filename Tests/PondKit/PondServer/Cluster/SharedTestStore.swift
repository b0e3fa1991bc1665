@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// A shared history in memory, for servers of one program; announces through their `LocalPubSub`.
///
/// `@unchecked Sendable`: used on a test's one thread.
final class SharedTestStore: SharedHistoryStore, @unchecked Sendable {
    private struct Log {
        var epoch = PondID.token()
        var broadcasts: [StoredBroadcast] = []
        var ids: [String: UInt64] = [:]
        var handled: [RequestOrigin] = []
    }

    private let carrier: LocalPubSub
    private var logs: [HistoryKey: Log] = [:]
    /// Whether announcements get lost.
    var isMute = false
    /// Whether nothing is answered until it is worked off.
    var isAway = false
    private var waiting: [() -> Void] = []
    private(set) var reads = 0
    var whileAway: StoreAbsence = .showLocally
    /// Whether more may be appended.
    var hasRoom = true

    init(_ carrier: LocalPubSub) { self.carrier = carrier }

    /// Answers what was asked while it was away.
    func comeBack() {
        self.isAway = false
        let waiting = self.waiting
        self.waiting = []
        for work in waiting { work() }
    }

    /// Forgets everything.
    func lose() { self.logs = [:] }

    func broadcasts(in channel: HistoryKey) -> [StoredBroadcast] { self.logs[channel]?.broadcasts ?? [] }

    private func work(_ body: @escaping () -> Void) {
        if self.isAway { self.waiting.append(body) } else { body() }
    }

    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.work {
            let log = self.logs[channel] ?? Log()
            let position = StreamPosition(epoch: log.epoch, offset: UInt64(log.broadcasts.count))
            loop.execute { then(.success(position)) }
        }
    }

    func begin(
        _ channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.work {
            if self.logs[channel] == nil { self.logs[channel] = Log(epoch: epoch) }
            self.reopen(channel, known: nil, on: loop, then: then)
        }
    }

    func reopen(
        _ channel: HistoryKey,
        known: StreamPosition?,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.work {
            let log = self.logs[channel] ?? Log()
            self.logs[channel] = log
            let position = StreamPosition(epoch: log.epoch, offset: UInt64(log.broadcasts.count))
            loop.execute { then(.success(position)) }
        }
    }

    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        then(.badRequest("numbers are given here"))
    }

    func append(
        _ shared: SharedBroadcast,
        to channel: HistoryKey,
        known: StreamPosition,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<SharedAppend, PondError>) -> Void
    ) {
        self.work {
            guard var log = self.logs[channel], log.epoch == known.epoch, log.broadcasts.count >= known.offset else {
                return loop.execute { then(.success(.otherNumbering)) }
            }
            if let offset = log.ids[shared.id] { return loop.execute { then(.success(.stored(offset, isNew: false))) } }
            var broadcast = shared.broadcast
            broadcast.offset = UInt64(log.broadcasts.count + 1)
            log.broadcasts.append(broadcast)
            log.ids[shared.id] = broadcast.offset
            self.logs[channel] = log
            let offset = broadcast.offset
            loop.execute { then(.success(.stored(offset, isNew: true))) }
            guard let announcement = shared.announcement, !self.isMute else { return }
            try? self.carrier.publish(
                announcement.head + Array(String(offset).utf8) + announcement.tail,
                to: announcement.topic
            )
        }
    }

    func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        self.reads += 1
        self.work {
            guard let log = self.logs[channel], log.epoch == position.epoch, position.offset <= log.broadcasts.count
            else { return loop.execute { then(.success(.impossible)) } }
            let missed = Array(log.broadcasts[Int(position.offset)...])
            loop.execute { then(.success(.whole(missed))) }
        }
    }

    func handled(_ request: RequestOrigin, in channel: HistoryKey, on loop: EventLoop) {
        self.work { self.logs[channel]?.handled.append(request) }
    }

    func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        self.work {
            let log = self.logs[channel]
            let origins = (log?.broadcasts ?? []).compactMap(\.origin) + (log?.handled ?? [])
            loop.execute { then(.success(origins.filter { $0.client == client }.map(\.requestId))) }
        }
    }
}
