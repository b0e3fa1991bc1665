@testable import PondKit

/// One channel's machine as node `me`, fed by hand.
struct ClusterMachineDriver {
    var machine: ClusterMachine
    var now = MonotonicTime.zero
    var localUsers: Set<String> = ["local"]
    private var requests = 0

    init(limits: ClusterLimits = .default) { self.machine = ClusterMachine(nodeId: "me", limits: limits) }

    static func live(limits: ClusterLimits = .default) -> ClusterMachineDriver {
        var driver = ClusterMachineDriver(limits: limits)
        _ = driver.machine.subscribed(now: driver.now)
        return driver
    }

    /// Feeds a message; `watch` actions are left out unless asked for.
    mutating func hear(
        _ node: String,
        _ body: DistributedMessage.Body,
        at timestamp: Int64 = 0,
        watches: Bool = false
    ) -> [ClusterAction] {
        let message = DistributedMessage(
            messageId: "m",
            sourceNodeId: node,
            endpointName: "e",
            channelName: "c",
            timestamp: timestamp,
            body: body
        )
        let local = self.localUsers
        var requests = self.requests
        let actions = self.machine.received(
            message,
            isLocal: local.contains,
            newRequestId: {
                requests += 1
                return "q\(requests)"
            },
            now: self.now
        )
        self.requests = requests
        return watches ? actions : actions.filter { if case .watch = $0 { false } else { true } }
    }

    mutating func wait(_ duration: Duration) -> [ClusterAction] {
        self.now = self.now + duration
        return self.machine.timeReached(now: self.now, newRequestId: { "t" })
    }

    mutating func die(_ node: String) -> [ClusterAction] {
        self.machine.nodeDied(node, newRequestId: { "d" }, now: self.now)
    }

    mutating func interrupt(for duration: Duration) -> [ClusterAction] {
        self.machine.interrupted(now: self.now)
        self.now = self.now + duration
        return self.machine.subscribed(now: self.now)
    }

    var userIds: [String] { self.machine.remoteUsers.map(\.id).sorted() }
    var trackedIds: [String] { self.machine.remoteUsers.filter { $0.presence != nil }.map(\.id).sorted() }
}
