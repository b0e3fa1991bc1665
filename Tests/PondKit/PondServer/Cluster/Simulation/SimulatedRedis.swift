import PondTesting

@testable import PondCore
@testable import PondServer

/// A fault that a simulation's Redis can have, and that the simulation has to find.
enum PlantedBug: CaseIterable, Sendable {
    /// A broadcast that is appended again is stored again.
    case forgetsIds
    /// One of eleven appends is confirmed and not stored.
    case losesAppends
    /// One of seven messages on a topic reaches nobody.
    case losesMessages
    /// What is read comes in reverse order.
    case readsBackwards
}

/// The Redis of a simulation: it loses nothing that it executed, but may stand still, die and come back.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedRedis: @unchecked Sendable {
    struct Log {
        var epoch: String
        var broadcasts: [StoredBroadcast] = []
        var ids: [String: UInt64] = [:]
        var requests: [String: [String]] = [:]

        var last: UInt64 { UInt64(self.broadcasts.count) }
    }

    struct Session {
        var record: SessionRecord
        var owner: SessionOwner
        /// The attempt that took it last.
        var attempt = ""
    }

    enum State {
        case up
        /// Standing still; what arrives is executed later.
        case paused
        /// Not there: connections are refused.
        case down
    }

    private(set) var state = State.up
    var logs: [HistoryKey: Log] = [:]
    var sessions: [String: Session] = [:]
    /// Until when each node's word that it lives counts.
    var lives: [String: MonotonicTime] = [:]
    private var epochs = 0
    private var connections = 0
    private let bug: PlantedBug?
    private var calls = 0
    private var inbox: [() -> Void] = []
    private var links: [SimulatedRedisLink] = []

    init(bug: PlantedBug? = nil) { self.bug = bug }

    /// Whether a planted bug strikes, which it does once in so many calls.
    private func strikes(_ bug: PlantedBug, onceIn times: Int) -> Bool {
        guard self.bug == bug else { return false }
        self.calls += 1
        return self.calls % times == 0
    }

    func add(_ link: SimulatedRedisLink) { self.links.append(link) }

    /// The user id of a new connection.
    func nextUser(_ name: String) -> String {
        self.connections += 1
        return "\(name)-\(self.connections)"
    }

    /// A command arrived over a connection.
    func arrived(_ command: @escaping () -> Void) {
        switch self.state {
        case .up: command()
        case .paused: self.inbox.append(command)
        case .down: break
        }
    }

    func pause() { if self.state == .up { self.state = .paused } }

    func kill() {
        self.state = .down
        self.inbox = []
        for link in self.links { link.broken() }
    }

    func start() {
        self.state = .up
        let inbox = self.inbox
        self.inbox = []
        for command in inbox { command() }
    }

    /// Sends a message to every connection that subscribed to its topic.
    func publish(_ bytes: [UInt8], to topic: String) {
        guard !self.strikes(.losesMessages, onceIn: 7) else { return }
        for link in self.links where link.topics.contains(topic) { link.push(topic, bytes) }
    }

    // What scripts do

    /// The numbering, or an epoch that one could begin with.
    func find(_ key: HistoryKey) -> StreamPosition {
        if let log = self.logs[key] { return StreamPosition(epoch: log.epoch, offset: log.last) }
        self.epochs += 1
        return StreamPosition(epoch: "epoch\(self.epochs)", offset: 0)
    }

    func begin(_ key: HistoryKey, epoch: String) -> StreamPosition {
        if self.logs[key] == nil { self.logs[key] = Log(epoch: epoch) }
        return self.find(key)
    }

    func reopen(_ key: HistoryKey, known: StreamPosition?) -> StreamPosition {
        if let log = self.logs[key], log.epoch != known?.epoch || log.last >= known?.offset ?? 0 {
            return StreamPosition(epoch: log.epoch, offset: log.last)
        }
        self.epochs += 1
        self.logs[key] = Log(epoch: "epoch\(self.epochs)")
        return StreamPosition(epoch: "epoch\(self.epochs)", offset: 0)
    }

    func append(_ shared: SharedBroadcast, to key: HistoryKey, known: StreamPosition) -> SharedAppend {
        guard var log = self.logs[key], log.epoch == known.epoch, log.last >= known.offset else {
            return .otherNumbering
        }
        if let offset = log.ids[shared.id], !self.strikes(.forgetsIds, onceIn: 1) {
            return .stored(offset, isNew: false)
        }
        if self.strikes(.losesAppends, onceIn: 11) { return .stored(log.last, isNew: false) }
        var broadcast = shared.broadcast
        broadcast.offset = log.last + 1
        log.broadcasts.append(broadcast)
        log.ids[shared.id] = broadcast.offset
        if let origin = broadcast.origin { log.requests[origin.client.text, default: []].append(origin.requestId) }
        self.logs[key] = log
        if let announcement = shared.announcement {
            let bytes = announcement.head + Array(String(broadcast.offset).utf8) + announcement.tail
            self.publish(bytes, to: announcement.topic)
        }
        return .stored(broadcast.offset, isNew: true)
    }

    func read(_ key: HistoryKey, after position: StreamPosition) -> RecoveryDecision {
        guard let log = self.logs[key], log.epoch == position.epoch, position.offset <= log.last else {
            return .impossible
        }
        let found = Array(log.broadcasts.dropFirst(Int(position.offset)))
        return .whole(self.strikes(.readsBackwards, onceIn: 1) ? found.reversed() : found)
    }
}
