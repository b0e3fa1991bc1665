import PondTesting

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// One life of the server of a simulation.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedServer: @unchecked Sendable {
    let pond: PondSocket
    let store: SimulatedStore
    private let loop: EventLoop
    /// Users that no room takes at the moment.
    var unwelcome: Set<String> = []
    private var isDead = false
    private var random: SeededRandom
    private var endpoint: Endpoint?

    init(on loops: [EventLoop], disk: SimulatedStore.Disk, seed: UInt64) throws {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.sessionGrace = .seconds(10)
        self.pond = PondSocket(options: options)
        self.loop = loops[0]
        var random = SeededRandom(seed: seed)
        self.store = SimulatedStore(disk) { .microseconds(Int64.random(in: 0...20_000, using: &random)) }
        self.random = SeededRandom(seed: seed &+ 1)
        let endpoint = try self.pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        self.endpoint = endpoint
        let rooms = try endpoint.createChannel("/room/:id") { [unowned self] context in
            try await self.think()
            guard !self.unwelcome.contains(context.user.id) else { return context.decline(403, "not now") }
            context.accept()
            try context.track(["name": .string(context.user.id)])
        }
        rooms.keepHistory(in: self.store)
        try rooms.onMessage("say") { [unowned self] context in
            try await self.think()
            context.broadcast("say", context.payload)
        }
        try rooms.onMessage("ask") { context in context.reply("answer", context.payload) }
        self.pond.start(on: loops)
    }

    /// Takes a while, now and then; a server that has died meanwhile does nothing more.
    private func think() async throws {
        if Int.random(in: 0..<3, using: &self.random) == 0 {
            let time = Duration.milliseconds(Int64.random(in: 1...300, using: &self.random))
            let loop = self.loop
            await withCheckedContinuation { continuation in
                loop.execute { loop.schedule(after: time) { continuation.resume() } }
            }
        }
        if self.isDead { throw PondError.unavailable("dead") }
    }

    /// Ends as a process that is killed.
    func die() {
        self.isDead = true
        self.store.die()
    }

    func evict(_ user: String, from channel: String) {
        self.endpoint?.channel(channel)?.evict(user, reason: "out")
    }

    func close(_ user: String) { self.pond.disconnect(userId: user, code: 1000) }

    /// How many connections of a user are in a channel. Call while the loop rests.
    func members(of channel: String, _ user: String) -> Int {
        self.find(channel)?.roster.members(of: user).count ?? 0
    }

    /// Who is shown as present in a channel. Call while the loop rests.
    func present(in channel: String) -> [String] {
        self.find(channel)?.presence.entries.map(\.key).sorted() ?? []
    }

    private func find(_ channel: String) -> Channel? {
        let key = ChannelKey(endpoint: 0, name: channel)
        return self.pond.core.group.home(of: key)?.channels[key]
    }
}
