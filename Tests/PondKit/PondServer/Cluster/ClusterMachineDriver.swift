@testable import PondCore
@testable import PondServer

/// What a message led to: an action of the machine, or what a local member sees of others' presence.
enum Told: Hashable {
    case does(ClusterAction)
    case sees(PresenceEvent, String, Payload)

    static let publishState = Told.does(.publishState)
    static let publishPresence = Told.does(.publishPresence)
    static let overflow = Told.does(.overflow)

    static func publish(_ body: DistributedMessage.Body) -> Told { .does(.publish(body)) }
    static func deliver(_ broadcast: DistributedMessage.Broadcast) -> Told { .does(.deliver(broadcast, id: "m")) }
    static func watch(_ node: String) -> Told { .does(.watch(node: node)) }
    static func answer(_ id: String, _ requestId: String) -> Told { .does(.answer(userId: id, requestId: requestId)) }
    static func evict(_ id: String, _ reason: String) -> Told { .does(.evict(userId: id, reason: reason)) }
    static func remove(_ id: String) -> Told { .does(.remove(userId: id)) }

    static func found(_ requestId: String, _ user: DistributedUser?) -> Told {
        .does(.found(requestId: requestId, user: user))
    }

    static func localPresence(_ id: String, _ presence: Payload?) -> Told {
        .does(.localPresence(userId: id, presence: presence))
    }

    static func localAssigns(_ id: String, _ change: DistributedMessage.AssignsChange) -> Told {
        .does(.localAssigns(userId: id, change: change))
    }
}

/// One channel's machine as node `me`, fed by hand.
struct ClusterMachineDriver {
    var machine: ClusterMachine
    var now = MonotonicTime.zero
    var localUsers: Set<String> = ["local"]
    var presence = PresenceState()
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
    ) -> [Told] {
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
        return self.tell(watches ? actions : actions.filter { if case .watch = $0 { false } else { true } })
    }

    /// Shows presence to a local member, as a channel does.
    private mutating func tell(_ actions: [ClusterAction]) -> [Told] {
        var told: [Told] = []
        for action in actions {
            guard case .presence(let changes) = action else {
                told.append(.does(action))
                continue
            }
            for change in changes {
                switch self.presence.apply(change) {
                case .none: break
                case .join(let entry): told.append(.sees(.join, entry.key, Payload(validated: entry.text)))
                case .update(let entry): told.append(.sees(.update, entry.key, Payload(validated: entry.text)))
                case .leave(let entry): told.append(.sees(.leave, entry.key, Payload(validated: entry.text)))
                }
            }
        }
        return told
    }

    mutating func wait(_ duration: Duration) -> [Told] {
        self.now = self.now + duration
        return self.tell(self.machine.timeReached(now: self.now, newRequestId: { "t" }))
    }

    mutating func die(_ node: String) -> [Told] {
        self.tell(self.machine.nodeDied(node, newRequestId: { "d" }, now: self.now))
    }

    mutating func live(_ node: String) -> [Told] { self.tell(self.machine.nodeLives(node, now: self.now)) }

    /// This node evicts a user of another one.
    mutating func evict(_ userId: String) -> [Told] { self.tell(self.machine.removed(userId)) }

    mutating func join(_ userId: String) -> [Told] { self.tell(self.machine.localJoined(userId)) }

    mutating func interrupt(for duration: Duration) -> [Told] {
        self.machine.interrupted(now: self.now)
        self.now = self.now + duration
        return self.tell(self.machine.subscribed(now: self.now))
    }

    var userIds: [String] { self.machine.remoteUsers.map(\.id).sorted() }
    /// What a local member has been told of all others.
    var seen: [String: Payload] {
        Dictionary(uniqueKeysWithValues: self.presence.entries.map { ($0.key, Payload(validated: $0.text)) })
    }
}
