import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

/// Nodes that do as they please, heard by one machine in an order that nobody chose.
@Suite struct ClusterMachinePropertyTests {
    private struct Sent {
        var node: String
        var timestamp: Int64
        var body: DistributedMessage.Body
    }

    /// One node and what its users are: `nil` for a member that is not tracked.
    private struct Node {
        let name: String
        var users: [String: Payload?] = [:]
        var outbox: [Sent] = []

        mutating func say(_ body: DistributedMessage.Body, at time: Int64) {
            self.outbox.append(Sent(node: self.name, timestamp: time, body: body))
        }

        mutating func step(_ id: String, at time: Int64, using random: inout SeededRandom) {
            guard let presence = self.users[id] else {
                self.users[id] = .some(nil)
                self.say(.userJoined(DistributedUser(id: id)), at: time)
                return
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                self.leave(id, at: time)
            case 1 where presence != nil:
                self.users[id] = .some(nil)
                self.say(.presenceRemoved(userId: id), at: time)
            default:
                let value: Payload = ["n": .int(Int64.random(in: 0..<1_000, using: &random))]
                self.users[id] = value
                self.say(.presenceUpdate(userId: id, presence: value, key: nil), at: time)
            }
        }

        mutating func leave(_ id: String, at time: Int64) {
            guard let presence = self.users.removeValue(forKey: id) else { return }
            if presence != nil { self.say(.presenceRemoved(userId: id), at: time) }
            self.say(.userLeft(userId: id), at: time)
        }
    }

    /// What a local member has been told: it must be possible.
    private struct Listener {
        var list: [String: Payload] = [:]
        var faults: [String] = []

        mutating func hear(_ told: [Told]) {
            for case .sees(let event, let id, let presence) in told {
                switch (event, self.list[id]) {
                case (.join, nil), (.update, _?): self.list[id] = presence
                case (.leave, let last?) where last == presence: self.list[id] = nil
                default: self.faults.append("\(event) of \(id): \(presence)")
                }
            }
        }
    }

    private func run(seed: UInt64, ordered: Bool) -> (driver: ClusterMachineDriver, listener: Listener, nodes: [Node]) {
        var random = SeededRandom(seed: seed)
        var driver = ClusterMachineDriver.live()
        var listener = Listener()
        var nodes = ["n1", "n2", "n3"].map { Node(name: $0) }
        for time in Int64(1)...400 {
            let index = Int.random(in: 0..<3, using: &random)
            let number = Int.random(in: 0..<4, using: &random)
            // In order, persons 0 and 1 may be at several nodes at once.
            let user = ordered && number < 2 ? "shared-\(number)" : "\(nodes[index].name)-\(number)"
            nodes[index].step(user, at: time, using: &random)
            let speaker = Int.random(in: 0..<3, using: &random)
            guard Bool.random(using: &random) else { continue }
            self.deliver(&nodes[speaker], ordered, &driver, &listener, &random)
        }
        if !ordered {
            for index in nodes.indices {
                for user in nodes[index].users.keys { nodes[index].leave(user, at: 500) }
            }
        }
        while let speaker = nodes.indices.filter({ !nodes[$0].outbox.isEmpty }).randomElement(using: &random) {
            self.deliver(&nodes[speaker], ordered, &driver, &listener, &random)
        }
        return (driver, listener, nodes)
    }

    private func deliver(
        _ node: inout Node,
        _ ordered: Bool,
        _ driver: inout ClusterMachineDriver,
        _ listener: inout Listener,
        _ random: inout SeededRandom
    ) {
        guard !node.outbox.isEmpty else { return }
        // One runtime publishes from threads of their own: neighbours swap places.
        let index = ordered ? 0 : Int.random(in: 0..<min(3, node.outbox.count), using: &random)
        let sent = node.outbox.remove(at: index)
        listener.hear(driver.hear(sent.node, sent.body, at: sent.timestamp))
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func whatIsKnownInTheEndIsWhatIsTrue(seed: UInt64) {
        let (driver, listener, nodes) = self.run(seed: seed, ordered: true)
        var members: Set<String> = []
        var tracked: [String: [Payload]] = [:]
        for node in nodes {
            for (id, presence) in node.users {
                members.insert(id)
                if let presence { tracked[id, default: []].append(presence) }
            }
        }
        #expect(listener.faults == [], "seed \(seed)")
        #expect(Set(listener.list.keys) == Set(tracked.keys), "seed \(seed)")
        for (id, presences) in tracked where presences.count == 1 && !id.hasPrefix("shared") {
            #expect(listener.list[id] == presences[0], "seed \(seed)")
        }
        #expect(Set(driver.userIds) == members, "seed \(seed)")
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func outOfOrderNobodyIsLeftOverWhenAllHaveLeft(seed: UInt64) {
        let (driver, listener, _) = self.run(seed: seed, ordered: false)
        #expect(listener.faults == [], "seed \(seed)")
        #expect(listener.list == [:], "seed \(seed)")
        #expect(driver.userIds == [], "seed \(seed)")
    }
}
