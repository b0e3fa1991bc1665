import PondCore

/// Which nodes live: says when to speak, and who has been silent for too long.
struct HeartbeatMachine: Sendable {
    private enum State: Sendable {
        /// Nothing is heard, so silence proves nothing. Can become `listening`.
        case deaf
        /// Heartbeats are heard. Can become `deaf`.
        case listening
    }

    /// What the passing of time calls for.
    struct TimeAction: Sendable, Hashable {
        /// Whether this node should say that it lives.
        var speaks: Bool
        /// The nodes that are taken for dead from here on.
        var dead: [String]
    }

    private struct Node: Sendable {
        var lastSign: MonotonicTime
        /// Whether it spoke since heartbeats are heard.
        var hasSpoken: Bool
    }

    /// What a heartbeat means.
    enum Sign: Sendable, Hashable {
        /// Of a node that was known to live, or is not watched.
        case expected
        /// The first one of a node since heartbeats are heard, or since it was taken for dead.
        case first
    }

    private var state: State = .deaf
    private let nodeId: String
    private let timing: ClusterTiming
    private let limit: Int
    private var others: [String: Node] = [:]
    private(set) var nextDeadline: MonotonicTime

    init(nodeId: String, timing: ClusterTiming, limits: ClusterLimits = .default, now: MonotonicTime) {
        self.nodeId = nodeId
        self.timing = timing
        self.limit = limits.nodes
        self.nextDeadline = now
    }

    /// The nodes whose life is watched.
    var nodes: some Collection<String> { self.others.keys }

    /// Heartbeats are heard from here on; all known nodes get their full time anew.
    mutating func subscribed(now: MonotonicTime) {
        self.state = .listening
        self.nextDeadline = now
        self.giveTime(now)
        for node in self.others.keys { self.others[node]?.hasSpoken = false }
    }

    /// Heartbeats are not heard any more.
    mutating func interrupted() { self.state = .deaf }

    /// A node said that it lives.
    mutating func heard(_ node: String, now: MonotonicTime) -> Sign {
        guard node != self.nodeId, self.others[node] != nil || self.others.count < self.limit else { return .expected }
        let hadSpoken = self.others[node]?.hasSpoken ?? false
        self.others[node] = Node(lastSign: now, hasSpoken: true)
        return hadSpoken ? .expected : .first
    }

    /// A channel learnt of a node; it gets its full time to say something.
    mutating func noted(_ node: String, now: MonotonicTime) {
        guard node != self.nodeId, self.others[node] == nil, self.others.count < self.limit else { return }
        self.others[node] = Node(lastSign: now, hasSpoken: false)
    }

    /// The deadline may have come.
    mutating func timeReached(now: MonotonicTime) -> TimeAction {
        guard now >= self.nextDeadline else { return TimeAction(speaks: false, dead: []) }
        // Who slept through the others' heartbeats must not judge them.
        let overslept = now - self.nextDeadline >= self.timing.heartbeatTimeout / 2
        self.nextDeadline = now + self.timing.heartbeatInterval
        guard case .listening = self.state else { return TimeAction(speaks: false, dead: []) }
        if overslept { self.giveTime(now) }
        let dead = self.others.filter { now - $0.value.lastSign >= self.timing.heartbeatTimeout }.map(\.key).sorted()
        for node in dead { self.others[node] = nil }
        return TimeAction(speaks: true, dead: dead)
    }

    private mutating func giveTime(_ now: MonotonicTime) {
        for node in self.others.keys { self.others[node]?.lastSign = now }
    }
}
