@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// One life of one node of a simulated cluster.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedNode: @unchecked Sendable {
    let pond: PondSocket
    private let store: SimulatedSharedStore
    private let carrier: SimulatedCarrier

    init(_ name: String, on loop: EventLoop, redis: SimulatedRedis, seed: UInt64, log: any PondLog) throws {
        self.store = SimulatedSharedStore(redis, on: loop, seed: seed)
        self.carrier = SimulatedCarrier(redis, on: loop, seed: seed &+ 10)
        var options = PondOptions()
        options.log = log
        options.limits.sessionGrace = .seconds(15)
        var cluster = ClusterOptions(self.carrier)
        cluster.nodeId = name
        cluster.timing.heartbeatInterval = .milliseconds(500)
        cluster.timing.heartbeatTimeout = .milliseconds(2_500)
        cluster.sessions = self.store
        // The clocks of the nodes are apart.
        let skew = Int64(seed % 120_000)
        cluster.wallClock = { [unowned loop] in Int64(loop.now.nanoseconds / 1_000_000) + 1_700_000_000_000 + skew }
        options.cluster = cluster
        self.pond = PondSocket(options: options)
        let endpoint = try self.pond.createEndpoint("/socket") { context in
            let name = context.query["as"]?.first ?? ""
            context.accept(assigns: ["name": .string(name)], userId: redis.nextUser(name))
        }
        let durable = try endpoint.createChannel("/durable/:room") { $0.accept() }
        durable.keepHistory(in: self.store)
        try durable.onMessage("say") { $0.broadcast("said", $0.payload) }
        _ = try endpoint.createChannel("/present/:room") { context in
            context.accept()
            try context.track(["name": context.assigns["name"] ?? nil])
        }
        self.pond.start(on: [loop])
    }

    /// The connections to Redis.
    var links: [SimulatedRedisLink] { [self.store.link] + self.carrier.links }

    /// Ends as a process that is killed.
    func die() { for link in self.links { link.die() } }
}
