import Glibc
import PondTesting

@testable import PondClient
@testable import PondCore
@testable import PondRuntime

/// Three nodes as processes, one Redis that keeps what it acknowledged, and users who talk while all of it breaks.
///
/// The Redis has an append-only file that is written before it answers: what that cannot keep, nobody can promise.
final class ClusterChaosWorld {
    struct Scale: Sendable {
        var users = 300
        var rooms = 10
        var messages = 20
        var faults = 5
        var seed = UInt64.random(in: 0 ... .max)

        static func fromEnvironment() -> Scale {
            func value(_ name: String) -> UInt64? {
                getenv("POND_CLUSTER_\(name)").flatMap { UInt64(String(cString: $0)) }
            }
            var scale = Scale()
            scale.users = value("USERS").map { Int($0) } ?? scale.users
            scale.rooms = value("ROOMS").map { Int($0) } ?? scale.rooms
            scale.messages = value("MESSAGES").map { Int($0) } ?? scale.messages
            scale.faults = value("FAULTS").map { Int($0) } ?? scale.faults
            scale.seed = value("SEED") ?? scale.seed
            return scale
        }
    }

    enum Fault: String, CaseIterable {
        /// A node is killed and comes back.
        case nodeKilled
        /// Redis is killed and comes back.
        case redisRestarted
        /// Redis stands still for a while.
        case redisPaused
        /// A node does not reach Redis for a while.
        case partition
        /// A node's clients lose their sockets.
        case socketsCut
    }

    /// One user with its room for words and its room for presence.
    final class User: Sendable {
        let name: String
        let room: Int
        let client: PondClient
        let words: ClientChannel
        let presence: ClientChannel
        let heard = Lock<[String]>([])
        let resyncs = Lock(0)
        let isGone = Lock(false)

        init(name: String, room: Int, client: PondClient) {
            self.name = name
            self.room = room
            self.client = client
            self.words = client.createChannel("/durable/\(room)")
            self.presence = client.createChannel("/present/\(room)")
        }
    }

    let scale: Scale
    private let folder = "pond-cluster-\(PondID.token())"
    private let redis: RedisServer
    private var nodes: [ProgramProcess] = []
    private var ports: [Int] = []
    /// Each node's way to Redis.
    private var links: [FaultProxy] = []
    /// What users connect to: it leads to one node, or to another while that one is away.
    private var doors: [FaultProxy] = []
    private let loops = (0..<2).map { EventLoop(name: "cluster-chaos-\($0)") }
    private(set) var users: [User] = []
    let delivered = Lock<[[String]]>([])
    let failed = Lock<[String]>([])
    private(set) var done: [Fault] = []
    let trace: ClusterChaosTrace

    init(_ scale: Scale, program: String) async throws {
        self.scale = scale
        self.trace = ClusterChaosTrace(self.folder, nodes: 3)
        self.redis = try RedisServer(
            ["--appenddirname", self.folder, "--appendonly", "yes", "--appendfsync", "always"]
        )
        for loop in self.loops { loop.start() }
        self.delivered.withLock { $0 = Array(repeating: [], count: scale.rooms) }
        for node in 0..<3 {
            let link = try await FaultProxy.start(to: self.redis.port, seed: scale.seed)
            let port = try RedisServer.freePort()
            let process = ProgramProcess(
                program,
                [String(port)],
                environment: [
                    "POND_REDIS_PORT": String(link.port), "POND_HB_INTERVAL": "0.5", "POND_HB_TIMEOUT": "2.5",
                    "POND_REDIS_PING": "0.7", "POND_LOG": "debug",
                ],
                log: self.trace.log(of: node)
            )
            try process.start()
            self.links.append(link)
            self.ports.append(port)
            self.nodes.append(process)
            self.doors.append(try await FaultProxy.start(to: port, seed: scale.seed &+ UInt64(node)))
        }
        for index in 0..<scale.users {
            var options = PondClientOptions()
            options.loop = self.loops[index % self.loops.count]
            options.connection.backoff = Backoff(first: .milliseconds(100), factor: 2, cap: .milliseconds(800))
            options.connection.connectTime = .seconds(3)
            options.connection.heartbeat = .seconds(2)
            options.joinTime = .seconds(120)
            let name = "u\(index)"
            let url = "http://127.0.0.1:\(self.doors[index % 3].port)/socket"
            let client = try PondClient(url, params: ["username": name], options: options)
            self.users.append(User(name: name, room: index / 3 % scale.rooms, client: client))
        }
    }

    /// Everybody joins, so that everybody is to hear everything.
    func join() async throws {
        for user in self.users {
            user.words.onMessage { [heard = user.heard] message in
                guard message.event == "message", let mark = message.payload["mark"]?.string else { return }
                heard.withLock { $0.append(mark) }
            }
            user.words.onRecovery { [resyncs = user.resyncs, trace = self.trace, name = user.name] event in
                guard event == .resyncRequired else { return }
                resyncs.withLock { $0 += 1 }
                trace.note("\(name) is told to resync")
            }
            user.client.connect()
            user.words.join()
            user.presence.join()
        }
        for user in self.users {
            try await user.words.joined()
            try await user.presence.joined()
        }
    }

    /// What users say meanwhile.
    struct Talk: Sendable {
        let users: [User]
        let scale: Scale
        let delivered: Lock<[[String]]>
        let failed: Lock<[String]>

        /// Three users of each room talk, each message when the one before is confirmed; some others go for good.
        func run() async {
            await withTaskGroup { group in
                for user in self.users.prefix(self.scale.rooms * 3) { group.addTask { await self.talk(user) } }
                for user in self.users.dropFirst(self.scale.rooms * 3) where user.name.hasSuffix("7") {
                    try? await Task.sleep(for: .milliseconds(200))
                    user.isGone.withLock { $0 = true }
                    user.client.disconnect()
                }
            }
        }

        private func talk(_ user: User) async {
            for number in 0..<self.scale.messages {
                let mark = "\(user.name):\(number)"
                do throws(PondError) {
                    try await user.words.deliver("message", ["mark": .string(mark)])
                    self.delivered.withLock { $0[user.room].append(mark) }
                } catch {
                    self.failed.withLock { $0.append("\(mark): \(error)") }
                }
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    var talk: Talk { Talk(users: self.users, scale: self.scale, delivered: self.delivered, failed: self.failed) }

    /// Breaks one thing after the other, each when the one before is whole again.
    func breakThings() async throws {
        var random = SeededRandom(seed: self.scale.seed)
        var plan: [Fault] = []
        while plan.count < self.scale.faults { plan += Fault.allCases.shuffled(using: &random) }
        for fault in plan.prefix(self.scale.faults) {
            let node = Int.random(in: 0..<3, using: &random)
            let time = Duration.milliseconds(Int.random(in: 500...2_500, using: &random))
            self.trace.note("\(fault.rawValue) on node \(node) for \(time)")
            try await self.act(fault, on: node, for: time)
            self.trace.note("\(fault.rawValue) is over")
            self.done.append(fault)
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func act(_ fault: Fault, on node: Int, for time: Duration) async throws {
        switch fault {
        case .nodeKilled:
            self.nodes[node].kill()
            self.doors[node].target = self.ports[(node + 1) % 3]
            self.doors[node].cutAll()
            try await Task.sleep(for: time)
            try self.nodes[node].start()
            try await Task.sleep(for: .milliseconds(500))
            self.doors[node].target = self.ports[node]
        case .redisRestarted:
            self.redis.kill()
            try await Task.sleep(for: time)
            try self.redis.start()
        case .redisPaused:
            self.redis.pause()
            try await Task.sleep(for: time)
            self.redis.resume()
        case .partition:
            self.links[node].target = 1
            self.links[node].swallowAll()
            try await Task.sleep(for: time * 2)
            self.links[node].target = self.redis.port
            self.links[node].cutAll()
        case .socketsCut:
            self.doors[node].cutAll()
        }
    }

    /// Waits until every user that is there sees exactly those of its room that are; gives what is wrong at the end.
    func settle(within time: Duration) async throws -> (wrong: [String], took: Duration) {
        let begin = ContinuousClock.now
        while true {
            let wrong = self.disagreements
            let took = ContinuousClock.now - begin
            if wrong.isEmpty || took > time { return (wrong, took) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private var here: [User] { self.users.filter { !$0.isGone.withLock { $0 } } }

    private var disagreements: [String] {
        let rooms = Dictionary(grouping: self.here, by: \.room)
        var wrong: [String] = []
        for (room, users) in rooms {
            let names = users.map(\.name).sorted()
            let words = self.delivered.withLock { $0[room].count }
            for user in users {
                let seen = user.presence.presence.map { $0.presence["username"]?.string ?? "?" }.sorted()
                if seen != names {
                    let (more, less) = (Set(seen).subtracting(names), Set(names).subtracting(seen))
                    wrong.append("\(user.name) sees \(seen.count) of \(names.count), ghosts \(more), missing \(less)")
                }
                let heard = user.heard.withLock { $0.count }
                if heard < words { wrong.append("\(user.name) heard \(heard) of \(words)") }
            }
        }
        return wrong
    }

    /// Lost, doubled and reordered among what users heard; `orders` counts those who did not hear it as the first of
    /// their room did, as they do not on nodes that were apart.
    var counts: (lost: Int, doubled: Int, reordered: Int, heard: Int, resyncs: Int, orders: Int) {
        var counts = (lost: 0, doubled: 0, reordered: 0, heard: 0, resyncs: 0, orders: 0)
        for (room, users) in Dictionary(grouping: self.here, by: \.room) {
            let words = self.delivered.withLock { Set($0[room]) }
            let first = users.first?.heard.withLock { $0 } ?? []
            for user in users {
                let heard = user.heard.withLock { $0 }
                counts.heard += heard.count
                counts.resyncs += user.resyncs.withLock { $0 }
                counts.lost += words.subtracting(heard).count
                counts.doubled += heard.count - Set(heard).count
                if heard != first { counts.orders += 1 }
                // Each sender's own order holds for all.
                for numbers in Dictionary(grouping: heard, by: { $0.split(separator: ":")[0] }).values {
                    let order = numbers.compactMap { Int($0.split(separator: ":")[1]) }
                    counts.reordered += zip(order, order.dropFirst()).count { $0 > $1 }
                }
            }
        }
        return counts
    }

    func stop() async {
        for user in self.users { user.client.disconnect() }
        for node in self.nodes { node.kill() }
        for proxy in self.links + self.doors { await proxy.stop() }
        for loop in self.loops { await loop.stop() }
        self.redis.kill()
        RedisServer.remove("/tmp/\(self.folder)")
        self.trace.remove()
    }
}
