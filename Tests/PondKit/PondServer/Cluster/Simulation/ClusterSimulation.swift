import PondTesting

@testable import PondClient
@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// Three nodes, their Redis and their clients in virtual time: the seed says what breaks, when, and how long all takes.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class ClusterSimulation: @unchecked Sendable {
    /// One user with its room for words and its room for presence.
    ///
    /// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
    private final class User: @unchecked Sendable {
        let name: String
        let client: PondClient
        let words: ClientChannel
        let presence: ClientChannel
        var said = 0
        var heard: [String] = []
        var confirmed: [String] = []
        var failed: [String] = []
        var resyncs = 0
        /// Everything that came to be in the room after this many broadcasts has to be heard.
        var since = 0

        init(_ name: String, _ client: PondClient) {
            self.name = name
            self.client = client
            self.words = client.createChannel("/durable/1")
            self.presence = client.createChannel("/present/1")
        }
    }

    /// Writes what nodes log into the story.
    private struct StoryLog: PondLog {
        let node: String
        let note: @Sendable (String) -> Void

        func wants(_ level: LogLevel) -> Bool { true }
        func write(_ level: LogLevel, _ message: String) { self.note("  \(self.node): \(message)") }
    }

    /// What may go wrong in a simulation.
    enum Fault: CaseIterable {
        case nodesDie, redisPauses, redisDies, partitions, linksBreak, socketsBreak, slowness
    }

    let seed: UInt64
    private let faults: Set<Fault>
    private let clock = ManualClock()
    private let loop: EventLoop
    private let redis: SimulatedRedis
    private var random: SeededRandom
    private var nodes: [SimulatedNode?] = []
    /// Nodes that died; what they had under way still finds them.
    private var dead: [SimulatedNode] = []
    private var lives = 0
    /// What users connect through: each leads to one node, or to another one while that is not there.
    private var doors: [SimulatedNetwork] = []
    private var users: [User] = []
    private(set) var story: [String] = []
    private static let key = HistoryKey(endpoint: "/socket", channel: "/durable/1")

    /// A simulation of these faults; `bug` is in its Redis.
    init(seed: UInt64, users: Int = 6, faults: Set<Fault> = Set(Fault.allCases), bug: PlantedBug? = nil) throws {
        self.seed = seed
        self.faults = faults
        self.redis = SimulatedRedis(bug: bug)
        self.random = SeededRandom(seed: seed)
        self.loop = EventLoop(name: "cluster-simulation", clock: self.clock)
        for index in 0..<3 {
            let node = try self.newNode(index)
            self.nodes.append(node)
            let door = SimulatedNetwork(to: node.pond, on: self.loop, seed: self.random.next())
            door.slowest = .milliseconds(20)
            self.doors.append(door)
        }
        let jitter = Lock(SeededRandom(seed: self.random.next()))
        for index in 0..<users {
            var options = PondClientOptions()
            options.loop = self.loop
            options.connector = self.doors[index % 3]
            options.random = { jitter.withLock { Double.random(in: 0..<1, using: &$0) } }
            options.connection.backoff = Backoff(first: .milliseconds(100), factor: 2, cap: .milliseconds(800))
            options.connection.connectTime = .seconds(3)
            options.connection.heartbeat = .seconds(2)
            options.joinTime = .seconds(120)
            let name = "u\(index)"
            self.add(User(name, try PondClient("ws://here/socket", params: ["as": name], options: options)))
        }
        self.pass(.seconds(3))
        for user in self.users { user.since = self.redis.logs[Self.key]?.broadcasts.count ?? 0 }
    }

    /// The faults of a swarm's member: about half of all, so that those which hide each other are met apart.
    static func swarm(_ seed: UInt64) -> Set<Fault> {
        var random = SeededRandom(seed: seed ^ 0x5377_6172_6D)
        return Set(Fault.allCases.filter { _ in Bool.random(using: &random) })
    }

    private func add(_ user: User) {
        self.users.append(user)
        user.words.onMessage { [unowned self, unowned user] message in
            guard message.event == "said", let mark = message.payload["mark"]?.string else { return }
            user.heard.append(mark)
            self.note("  \(user.name) hears \(mark)")
        }
        user.words.onRecovery { [unowned self, unowned user] event in
            self.note("  \(user.name): \(event)")
            if event == .resyncRequired { user.resyncs += 1 }
        }
        user.words.onChannelStateChange { [unowned self, unowned user] status in
            self.note("  \(user.name): \(status.state.rawValue), \(status.reason)")
        }
        user.words.onOutboxChange { [unowned user] message in
            guard let mark = message.payload["mark"]?.string else { return }
            switch message.state {
            case .delivered: user.confirmed.append(mark)
            case .failed(let error): user.failed.append("\(mark) \(error)")
            default: break
            }
        }
        user.client.connect()
        user.words.join()
        user.presence.join()
    }

    private func newNode(_ index: Int) throws -> SimulatedNode {
        self.lives += 1
        let log = StoryLog(node: "node\(index)") { [unowned self] in self.note($0) }
        let name = "node\(index)-\(self.lives)"
        return try SimulatedNode(name, on: self.loop, redis: self.redis, seed: self.random.next(), log: log)
    }

    private func note(_ line: String) { self.story.append("\(self.clock.now().nanoseconds / 1_000_000) ms: \(line)") }

    // Running

    func pass(_ time: Duration) {
        var left = time
        while left > .zero {
            let step = min(left, .milliseconds(10))
            self.loop.runUntilIdle()
            self.clock.advance(by: step)
            self.loop.runUntilIdle()
            left -= step
        }
    }

    private func onLoop(_ work: @escaping () -> Void) {
        let act = LoopConfined(work, to: self.loop)
        self.loop.execute { act.value() }
        self.loop.runUntilIdle()
    }

    func run(steps: Int) throws {
        for _ in 0..<steps {
            try self.step()
            let longest = [10, 100, 600, 2_500].randomElement(using: &self.random) ?? 10
            self.pass(.milliseconds(Int.random(in: 0...longest, using: &self.random)))
        }
    }

    private func step() throws {
        let index = Int.random(in: 0..<3, using: &self.random)
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0..<8: self.say()
        case 8, 9: self.faults.contains(.nodesDie) ? try self.toggleNode(index) : self.say()
        case 10, 11:
            let pauses = Bool.random(using: &self.random)
            guard self.faults.contains(pauses ? .redisPauses : .redisDies) || self.redis.state != .up else {
                return self.say()
            }
            self.note("redis \(self.redis.state) changes")
            self.onLoop {
                switch self.redis.state {
                case .up: pauses ? self.redis.pause() : self.redis.kill()
                case .paused, .down: self.redis.start()
                }
            }
        case 12, 13:
            guard self.faults.contains(.partitions) else { return self.say() }
            guard let node = self.nodes[index] else { return }
            let isOff = node.links[0].isPartitioned
            self.note("node\(index) \(isOff ? "reaches redis again" : "cannot reach redis")")
            self.onLoop { for link in node.links { isOff ? link.heal() : link.partition() } }
        case 14, 15:
            guard self.faults.contains(.linksBreak) else { return self.say() }
            self.note("one connection of node\(index) to redis breaks")
            let link = self.nodes[index]?.links.randomElement(using: &self.random)
            self.onLoop { link?.broken() }
        case 16, 17:
            guard self.faults.contains(.socketsBreak) else { return self.say() }
            self.note("sockets of door \(index) are cut")
            self.cut(index)
        case 18:
            guard self.faults.contains(.socketsBreak) else { return self.say() }
            let link = self.doors[index].living.randomElement(using: &self.random)
            self.onLoop { link?.cut() }
        default:
            guard self.faults.contains(.slowness) else { return self.say() }
            let slowest = [2, 5, 40, 300].randomElement(using: &self.random) ?? 5
            self.note("node\(index)'s way to redis takes up to \(slowest) ms")
            for link in self.nodes[index]?.links ?? [] { link.slowest = .milliseconds(slowest) }
        }
    }

    private func cut(_ index: Int) {
        let links = self.doors[index].living
        self.onLoop { for link in links { link.cut() } }
    }

    private func say() {
        guard let user = self.users.randomElement(using: &self.random) else { return }
        for _ in 0..<Int.random(in: 1...3, using: &self.random) {
            user.said += 1
            self.note("\(user.name) says \(user.name):\(user.said), \(user.words.state.rawValue)")
            _ = try? user.words.sendMessage("say", ["mark": .string("\(user.name):\(user.said)")])
        }
    }

    /// Kills a node, whose users find another one; or lets it come back.
    private func toggleNode(_ index: Int) throws {
        guard let node = self.nodes[index] else {
            self.note("node\(index) comes back")
            let node = try self.newNode(index)
            self.nodes[index] = node
            // Those who found another one stay there.
            self.doors[index].isReachable = true
            self.doors[index].lead(to: node.pond)
            return
        }
        self.note("node\(index) is killed")
        self.onLoop { node.die() }
        self.dead.append(node)
        self.nodes[index] = nil
        let other = self.nodes[(index + 1) % 3] ?? self.nodes[(index + 2) % 3]
        for door in self.doors.indices where door == index || self.nodes[door] == nil {
            self.doors[door].isReachable = other != nil
            if let other { self.doors[door].lead(to: other.pond) }
        }
        // Of other doors, those who had found this node lose their sockets, too.
        for door in self.doors.indices where door == index || self.dead.count > 1 { self.cut(door) }
    }

    /// Everything is well again, for long enough.
    func heal() throws {
        self.note("all is well")
        self.onLoop { if self.redis.state != .up { self.redis.start() } }
        for index in 0..<3 where self.nodes[index] == nil { try self.toggleNode(index) }
        for node in self.nodes {
            for link in node?.links ?? [] {
                link.slowest = .milliseconds(5)
                self.onLoop { link.heal() }
            }
        }
        self.pass(.seconds(30))
    }

    /// Every user says something, which everybody has to hear within ten seconds. Call after `heal`.
    func sayAll() {
        for user in self.users {
            user.said += 1
            _ = try? user.words.sendMessage("say", ["mark": .string("\(user.name):\(user.said)")])
        }
        self.pass(.seconds(10))
    }

    // What has to hold then

    func violations() -> [String] {
        var found: [String] = []
        let stored = (self.redis.logs[Self.key]?.broadcasts ?? []).compactMap { $0.payload["mark"]?.string }
        let names = self.users.map(\.name).sorted()
        if Set(stored).count != stored.count { found.append("stored twice: \(Self.doubles(stored))") }
        for user in self.users {
            let seen = user.presence.presence.map { $0.presence["name"]?.string ?? "?" }.sorted()
            if seen != names { found.append("\(user.name) sees \(seen), \(user.presence.state)") }
            if user.words.state != .joined { found.append("\(user.name) is \(user.words.state)") }
            if !user.failed.isEmpty { found.append("of \(user.name) failed \(user.failed)") }
            if user.confirmed.count != user.said {
                found.append("\(user.name): \(user.confirmed.count) of \(user.said)")
            }
            if user.resyncs > 0 { found.append("\(user.name) was told to resync \(user.resyncs) times") }
            let missing = stored.dropFirst(user.since).filter { !user.heard.contains($0) }
            if !missing.isEmpty { found.append("\(user.name) missed \(missing)") }
            let doubles = Self.doubles(user.heard)
            if !doubles.isEmpty { found.append("\(user.name) heard twice \(doubles)") }
            for (sender, marks) in Dictionary(grouping: user.heard, by: { $0.split(separator: ":")[0] }) {
                let numbers = marks.compactMap { Int($0.split(separator: ":")[1]) }
                if numbers != numbers.sorted() { found.append("\(user.name) heard \(sender) as \(numbers)") }
            }
        }
        let lost = self.users.flatMap(\.confirmed).filter { !stored.contains($0) }
        if !lost.isEmpty { found.append("confirmed and not stored: \(lost)") }
        return found
    }

    private static func doubles(_ marks: [String]) -> [String] {
        Dictionary(grouping: marks) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    }
}
