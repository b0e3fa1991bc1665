@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// A store that does what it was asked for only when it is told to, and can be made to fail.
///
/// `@unchecked Sendable`: used on a test's one thread.
final class SlowHistoryStore: HistoryStore, @unchecked Sendable {
    private var asked: [() -> Void] = []
    private var positions: [HistoryKey: StreamPosition] = [:]
    private var stored: [HistoryKey: [StoredBroadcast]] = [:]
    var failing = false
    private(set) var reads = 0

    /// Does so many of the things it was asked for, in order.
    func work(_ count: Int = .max) {
        for _ in 0..<min(count, self.asked.count) { self.asked.removeFirst()() }
    }

    /// Goes on as after a crash: numbers that were set aside do not come again.
    func crash() {
        for channel in self.positions.keys { self.positions[channel]?.offset += 1_000 }
    }

    func open(
        _ channel: HistoryKey,
        on loop: EventLoop,
        then: @escaping @Sendable (Result<StreamPosition, PondError>) -> Void
    ) {
        self.asked.append {
            guard !self.failing else { return then(.failure(.unavailable("disk full"))) }
            let position = self.positions[channel] ?? StreamPosition(epoch: PondID.token(), offset: 0)
            self.positions[channel] = position
            then(.success(position))
        }
    }

    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        on loop: EventLoop,
        then: @escaping @Sendable (PondError?) -> Void
    ) {
        self.asked.append {
            guard !self.failing else { return then(.unavailable("disk full")) }
            self.stored[channel, default: []].append(broadcast)
            self.positions[channel]?.offset = broadcast.offset
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
        self.reads += 1
        self.asked.append {
            guard let known = self.positions[channel], known.epoch == position.epoch, position.offset <= known.offset
            else { return then(.success(.impossible)) }
            let missed = (self.stored[channel] ?? []).filter { $0.offset > position.offset }
            let size = missed.reduce(0) { $0 + $1.payload.bytes.count }
            then(.success(size < maximumBytes ? .whole(missed) : .impossible))
        }
    }
}

/// A value that a callback brings; used on a test's one thread.
final class Answer<Value>: @unchecked Sendable {
    private(set) var value: Value?

    func set(_ value: Value) { self.value = value }
}
