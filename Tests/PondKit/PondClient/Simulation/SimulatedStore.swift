@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// A history that outlives a server, and that takes its time with everything.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedStore: HistoryStore, @unchecked Sendable {
    /// What is on the disk.
    final class Disk {
        struct Log {
            var epoch = PondID.token()
            var broadcasts: [StoredBroadcast] = []
            /// Numbers set aside and given out, stored or not.
            var last: UInt64 = 0
        }

        var logs: [HistoryKey: Log] = [:]
    }

    let disk: Disk
    private let time: () -> Duration
    private var isDead = false
    private var dueAt: [HistoryKey: MonotonicTime] = [:]

    init(_ disk: Disk, time: @escaping () -> Duration) {
        self.disk = disk
        self.time = time
    }

    /// The server that used it is no more: what it asked for is not done.
    func die() { self.isDead = true }

    private func later(_ channel: HistoryKey, on loop: EventLoop, _ body: @escaping () -> Void) {
        let due = max((self.dueAt[channel] ?? .zero) + .nanoseconds(1), loop.now + self.time())
        self.dueAt[channel] = due
        loop.schedule(after: due - loop.now) { if !self.isDead { body() } }
    }

    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.later(channel, on: loop) {
            let log = self.disk.logs[channel] ?? Disk.Log()
            self.disk.logs[channel] = log
            then(.success(StreamPosition(epoch: log.epoch, offset: log.last)))
        }
    }

    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        self.later(channel, on: loop) {
            self.disk.logs[channel]?.broadcasts.append(broadcast)
            self.disk.logs[channel]?.last = broadcast.offset
            then(nil)
        }
    }

    func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<RecoveryDecision, PondError>) -> Void
    ) {
        self.later(channel, on: loop) {
            let log = self.disk.logs[channel] ?? Disk.Log()
            then(.success(.whole(log.broadcasts.filter { $0.offset > position.offset })))
        }
    }

    func requests(
        of client: ClientID,
        in channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<[String], PondError>) -> Void
    ) {
        self.later(channel, on: loop) {
            let broadcasts = self.disk.logs[channel]?.broadcasts ?? []
            then(.success(broadcasts.compactMap { $0.origin?.client == client ? $0.origin?.requestId : nil }))
        }
    }
}
