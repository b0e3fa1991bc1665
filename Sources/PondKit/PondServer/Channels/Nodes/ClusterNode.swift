import PondCore
import PondRuntime

/// A server's place in its cluster: its node id, its subscriptions, and the other live nodes.
///
/// `@unchecked Sendable`: `counts` is guarded by its lock; `loop` is set before the first connection; the rest is
/// touched on that loop only.
final class ClusterNode: @unchecked Sendable {
    let options: ClusterOptions
    private let log: any PondLog
    private let counts = Lock(ClusterStatistics())
    private var heartbeats: HeartbeatMachine
    private var group: ShardGroup?
    private var loop: EventLoop?
    private var timer: TimerID?
    /// The sessions that other nodes may take, where they may.
    let sessions: SharedSessions?
    private static let sessionTouch = Duration.seconds(8 * 3_600)

    init(_ options: ClusterOptions, grace: Duration, log: any PondLog) {
        self.sessions = options.sessions.flatMap { store in
            grace > .zero ? SharedSessions(node: options.nodeId, store: store, grace: grace) : nil
        }
        self.options = options
        self.log = log
        self.heartbeats = HeartbeatMachine(
            nodeId: options.nodeId,
            timing: options.timing,
            limits: options.limits,
            now: .zero
        )
    }

    var statistics: ClusterStatistics {
        var statistics = self.counts.withLock { $0 }
        statistics.carrier = self.options.pubSub.statistics
        return statistics
    }

    func count(_ change: (inout ClusterStatistics) -> Void) { self.counts.withLock { change(&$0) } }

    /// Starts publishing and subscribing; called once, after the loops were created.
    func start(_ group: ShardGroup) {
        guard let loop = group.shards.first?.loop else { return }
        self.loop = loop
        loop.execute {
            self.group = group
            do throws(PondError) {
                _ = try self.options.pubSub.subscribe(to: self.options.topics.heartbeat) { [weak self] signal in
                    loop.execute { self?.heard(signal) }
                }
                if let sessions = self.sessions {
                    _ = try self.options.pubSub.subscribe(to: self.options.topics.sessions) { signal in
                        if case .message(_, let bytes) = signal { sessions.heard(bytes) }
                    }
                    self.keep(sessions, touchedAt: loop.now)
                }
            } catch {
                self.log.log(.error, "the cluster cannot be heard: \(error.message)")
            }
        }
    }

    /// Announces the node's end and unsubscribes.
    func stop(_ group: ShardGroup) async {
        // Members that were closed leave on their channels' homes: wait until each has said so.
        for shard in group.shards + group.shards { try? await shard.loop.run {} }
        group.shards.first?.loop.execute {
            if let timer = self.timer { self.loop?.cancel(timer) }
            self.timer = nil
            self.group = nil
            // Sessions that were left behind can be taken for the grace time from now on.
            self.sessions?.beat()
        }
        await self.options.pubSub.close()
    }

    /// A message on its way to the other nodes.
    func publish(_ body: DistributedMessage.Body, endpoint: String, channel: String, to topic: String) {
        let message = self.envelope(body, endpoint: endpoint, channel: channel)
        // A carrier that is closed belongs to a server that is over: nobody is left to tell.
        try? self.options.pubSub.publish(message.encoded(), to: topic)
    }

    /// A message of this node, as it is now.
    func envelope(_ body: DistributedMessage.Body, endpoint: String, channel: String) -> DistributedMessage {
        DistributedMessage(
            messageId: PondID.uuid(),
            sourceNodeId: self.options.nodeId,
            endpointName: endpoint,
            channelName: channel,
            timestamp: self.options.wallClock(),
            body: body
        )
    }

    /// A message from a topic; what is none is counted and dropped.
    func message(_ bytes: [UInt8]) -> DistributedMessage? {
        guard !DistributedMessage.isEcho(bytes, of: self.options.nodeId) else { return nil }
        do throws(DistributedFault) {
            let message = try DistributedMessage(parsing: bytes, limits: self.options.limits)
            self.count { $0.taken += 1 }
            if message.badEntries > 0 {
                let detail = "\(message.badEntries) in \(message.body.type.rawValue) of \(message.channelName)"
                self.refuse(DistributedFault(.badEntry, detail), times: message.badEntries)
            }
            return message
        } catch {
            self.refuse(error)
            return nil
        }
    }

    func refuse(_ fault: DistributedFault, times count: Int = 1) {
        self.count { $0.refused[fault.reason.rawValue, default: 0] += count }
        self.log.log(.debug, "refused from another node: \(fault)")
    }

    /// A channel learnt of a node. Callable from any shard.
    func watch(_ node: String) {
        self.loop?.execute { [weak self] in
            guard let self, let now = self.loop?.now else { return }
            self.heartbeats.noted(node, now: now)
        }
    }

    // MARK: Sessions

    /// Says for the sessions' sake that the node lives, again and again.
    private func keep(_ sessions: SharedSessions, touchedAt touched: MonotonicTime) {
        guard let loop = self.loop, self.group != nil else { return }
        sessions.beat()
        let isDue = loop.now - touched >= Self.sessionTouch
        if isDue { sessions.touchAll() }
        loop.schedule(after: sessions.interval) { [weak self] in
            self?.keep(sessions, touchedAt: isDue ? loop.now : touched)
        }
    }

    // MARK: Heartbeats

    private func heard(_ signal: PubSubSignal) {
        guard let loop = self.loop, self.group != nil else { return }
        switch signal {
        case .subscribed:
            self.heartbeats.subscribed(now: loop.now)
            self.beat()
        case .interrupted:
            self.heartbeats.interrupted()
        case .message(_, let bytes):
            guard let message = self.message(bytes), case .nodeHeartbeat = message.body else { return }
            let node = message.sourceNodeId
            guard self.heartbeats.heard(node, now: loop.now) == .first else { return }
            self.tellChannels { $0.nodeLives(node) }
        }
    }

    private func beat() {
        guard let loop = self.loop, self.group != nil else { return }
        let action = self.heartbeats.timeReached(now: loop.now)
        if action.speaks {
            self.publish(
                .nodeHeartbeat(nodeId: self.options.nodeId),
                endpoint: ClusterTopics.heartbeatName,
                channel: ClusterTopics.heartbeatName,
                to: self.options.topics.heartbeat
            )
        }
        for node in action.dead {
            self.count { $0.deadNodes += 1 }
            self.log.log(.warning, "node \(node) of the cluster is silent and taken for dead")
            self.tellChannels { $0.nodeDied(node) }
        }
        if let timer = self.timer { loop.cancel(timer) }
        let wait = max(self.heartbeats.nextDeadline - loop.now, .milliseconds(1))
        self.timer = loop.schedule(after: wait) { self.beat() }
    }

    private func tellChannels(_ tell: @escaping @Sendable (ChannelCluster) -> Void) {
        for shard in self.group?.shards ?? [] {
            shard.loop.execute {
                for channel in shard.channels.values {
                    if let cluster = channel.cluster { tell(cluster) }
                }
            }
        }
    }
}
