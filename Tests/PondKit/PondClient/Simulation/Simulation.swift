import PondTesting

@testable import PondClient
@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

/// Clients, a server and a network in virtual time, to which everything happens that can: the seed says when.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class Simulation: @unchecked Sendable {
    /// What may happen beyond what a network does.
    struct Troubles: OptionSet {
        let rawValue: Int
        /// The server dies, and another one begins with what is on the disk.
        static let restarts = Troubles(rawValue: 1)
        /// The server dies, and another one begins with nothing.
        static let losses = Troubles(rawValue: 2)
        /// Someone else uses a client's session.
        static let thefts = Troubles(rawValue: 4)
    }

    let seed: UInt64
    private let troubles: Troubles
    private let clock = ManualClock()
    /// The first one is the clients', too.
    private let loops: [EventLoop]
    private var loop: EventLoop { self.loops[0] }
    private let network: SimulatedNetwork
    private var disk = SimulatedStore.Disk()
    private var server: SimulatedServer
    /// Servers that died; what they had under way still finds them.
    private var dead: [SimulatedServer] = []
    private var random: SeededRandom
    private var clients: [(name: String, client: PondClient, isWanted: Bool)] = []
    private(set) var channels: [SimulatedChannel] = []
    private var said: [String: SimulatedChannel] = [:]
    private(set) var log: [String] = []
    private static let rooms = ["/room/a", "/room/b"]

    /// A life that follows from the seed, with a server of so many shards.
    init(seed: UInt64, _ troubles: Troubles, shards: Int = 1) throws {
        self.seed = seed
        self.troubles = troubles
        self.random = SeededRandom(seed: seed)
        let clock = self.clock
        self.loops = (0..<shards).map { EventLoop(name: "simulation-\($0)", clock: clock) }
        self.server = try SimulatedServer(on: self.loops, disk: self.disk, seed: seed &+ 1)
        self.network = SimulatedNetwork(to: self.server.pond, on: self.loops[0], seed: seed &+ 2)
        let jitter = Lock(SeededRandom(seed: seed &+ 3))
        for name in ["ann", "bob", "eve"] {
            var options = PondClientOptions()
            options.loop = self.loops[0]
            options.connector = self.network
            options.random = { jitter.withLock { Double.random(in: 0..<1, using: &$0) } }
            options.connection.heartbeat = .seconds(5)
            options.wantsPresenceDeltas = self.random.next() % 2 == 0
            if self.random.next() % 4 == 0 {
                // Without a session nobody could know a repeat for one.
                options.resumesSessions = false
                options.confirmsSends = false
            }
            let client = try PondClient("ws://here/socket", params: ["id": name], options: options)
            client.onConnectionChange { [unowned self] status in
                self.note("  \(name): \(status.state.rawValue), \(status.reason), resumed \(status.resumed as Any)")
            }
            self.clients.append((name, client, false))
        }
    }

    // Running

    private func pass(_ time: Duration) {
        var left = time
        while left > .zero {
            let step = min(left, .milliseconds(20))
            self.clock.advance(by: step)
            self.settle()
            left -= step
        }
    }

    /// Runs until nothing is left to do now.
    private func settle() {
        // Work may pass from each loop to each other one a few times before it ends.
        for _ in 0..<(self.loops.count == 1 ? 1 : 6) { for loop in self.loops { loop.runUntilIdle() } }
    }

    /// So many things happen, each at a time of its own.
    func run(steps: Int) throws {
        for _ in 0..<steps {
            try self.step()
            self.settle()
            let milliseconds = [0, 5, 50, 300, 2_000, 12_000].randomElement(using: &self.random) ?? 0
            if milliseconds > 0 {
                self.pass(.milliseconds(Int64.random(in: 0...Int64(milliseconds), using: &self.random)))
            }
        }
    }

    private func step() throws {
        let index = Int.random(in: 0..<self.clients.count, using: &self.random)
        let (name, client, _) = self.clients[index]
        let room = Self.rooms.randomElement(using: &self.random) ?? ""
        let mine = self.channels.last { $0.user == name && $0.channel.name == room }
        switch Int.random(in: 0..<38, using: &self.random) {
        case 0, 1, 2:
            self.note("\(name) connects")
            self.clients[index].isWanted = true
            client.connect()
        case 3:
            self.note("\(name) disconnects")
            self.clients[index].isWanted = false
            client.disconnect()
            if Bool.random(using: &self.random) {
                self.clients[index].isWanted = true
                client.connect()
            }
        case 4: client.reconnectNow()
        case 5...10: self.enter(name, client, room)
        case 11:
            self.note("\(name) leaves \(room)")
            mine?.isWanted = false
            mine?.channel.leave()
            if Bool.random(using: &self.random) { self.enter(name, client, room) }
        case 12...20:
            guard let mine, mine.isWanted else { return }
            let message = "\(name)-\(self.said.count)"
            self.said[message] = mine
            self.note("\(name) says \(message) in \(room), \(mine.channel.state.rawValue)")
            mine.say(message)
        case 21, 22: mine?.ask(on: self.loop)
        case 23, 24:
            self.note("a link is cut")
            let link = self.network.living.randomElement(using: &self.random)
            self.onLoop { link?.cut() }
        case 36, 37:
            self.note("a link is closed with 1011")
            let link = self.network.living.randomElement(using: &self.random)
            self.onLoop { link?.closeAfterAMissedPong() }
        case 25:
            self.note("a link goes silent")
            let link = self.network.living.randomElement(using: &self.random)
            let time = Duration.seconds(Int.random(in: 1...30, using: &self.random))
            self.onLoop { link?.goSilent(for: time) }
        case 26: self.network.isReachable.toggle()
        case 27:
            self.note("\(name) is removed from \(room)")
            self.server.evict(name, from: room)
        case 28:
            self.note("\(name) is closed")
            self.server.close(name)
        case 29:
            if self.server.unwelcome.remove(name) == nil { self.server.unwelcome.insert(name) }
            self.note("unwelcome are \(self.server.unwelcome)")
        case 30, 31: try self.restart()
        case 33:
            guard self.troubles.contains(.restarts) else { return }
            self.note("the server asks everybody to go elsewhere")
            self.server.pond.drain(over: .seconds(1))
            self.pass(.milliseconds(1_500))
            try self.restart()
        case 32: if self.troubles.contains(.thefts) { self.steal(from: name) }
        default: self.network.slowest = .milliseconds([1, 200, 1_500].randomElement(using: &self.random) ?? 1)
        }
    }

    private func enter(_ name: String, _ client: PondClient, _ room: String) {
        let channel = client.createChannel(room)
        if !self.channels.contains(where: { $0.channel === channel }) {
            self.note("\(name) enters \(room)")
            self.channels.append(SimulatedChannel(channel, of: name) { [unowned self] in self.note($0) })
        }
        channel.join()
    }

    private func restart() throws {
        guard self.troubles.contains(.restarts) || self.troubles.contains(.losses) else { return }
        if self.troubles.contains(.losses), Bool.random(using: &self.random) {
            self.note("the server loses everything")
            self.disk = SimulatedStore.Disk()
        }
        self.note("the server dies")
        self.server.die()
        self.dead.append(self.server)
        let links = self.network.living
        self.onLoop { for link in links { link.cut() } }
        self.settle()
        self.server = try SimulatedServer(on: self.loops, disk: self.disk, seed: self.random.next())
        self.network.lead(to: self.server.pond)
    }

    private func steal(from name: String) {
        guard let token = self.network.sessions["id=\(name)"] else { return }
        self.note("the session of \(name) is stolen")
        let headers: HTTPHeaders = ["Pond-Session": token]
        let request = ConnectionRequest(path: "/socket", query: ["id": [name]], headers: headers)
        let (pond, loop) = (self.server.pond, self.loop)
        self.onLoop {
            pond.open(request, on: loop) { answer in
                guard case .accept(let accepted) = answer else { return }
                let (server, thief) = MemoryTransport.pair(loop, loop)
                accepted.attach(server)
                loop.schedule(after: .seconds(3)) { thief.abort() }
            }
        }
    }

    private func onLoop(_ work: @escaping () -> Void) {
        let act = LoopConfined(work, to: self.loop)
        self.loop.execute { act.value() }
        self.settle()
    }

    private func note(_ line: String) { self.log.append("\(self.clock.now().nanoseconds / 1_000_000) ms: \(line)") }

    /// Everything is well again, for long enough.
    func heal() {
        self.note("all is well")
        self.network.isReachable = true
        self.network.slowest = .milliseconds(50)
        self.server.unwelcome = []
        for index in self.clients.indices where !self.clients[index].isWanted {
            self.clients[index].isWanted = true
            self.clients[index].client.connect()
        }
        self.pass(.seconds(120))
    }

    // What has to hold then

    /// Everything that is not as it must be.
    func faults() -> [String] {
        var faults: [String] = []
        for (name, client, _) in self.clients where client.state != .connected {
            faults.append("\(name) is \(client.state.rawValue): \(client.status.reason)")
        }
        for channel in self.channels {
            let place = "\(channel.user) in \(channel.channel.name)"
            if let step = channel.illegalStep { faults.append("\(place): \(step)") }
            if channel.asked != channel.answered { faults.append("\(place): \(channel.asked - channel.answered) wait") }
            if !channel.channel.outbox.allSatisfy({ if case .failed = $0.state { true } else { false } }) {
                faults.append("\(place): the outbox holds \(channel.channel.outbox.map(\.state))")
            }
            for (message, outcomes) in channel.outcomes where outcomes.count > 1 {
                faults.append("\(place): \(message) ended as \(outcomes)")
            }
            faults += self.hearing(of: channel, place)
        }
        faults += self.memberships()
        if self.troubles.isDisjoint(with: [.losses, .thefts]) { faults += self.applications() }
        return faults
    }

    /// Nothing twice, nothing out of order, and no gap that the program was not told of.
    private func hearing(of channel: SimulatedChannel, _ place: String) -> [String] {
        guard self.troubles.isDisjoint(with: [.losses, .thefts]) else { return [] }
        let heard = channel.heard
        guard let first = heard.first else { return [] }
        let applied = self.applied(in: channel.channel.name)
        guard let start = applied.firstIndex(of: first) else { return ["\(place): heard \(first), never applied"] }
        if channel.resyncs > 0 {
            return Set(heard).count == heard.count ? [] : ["\(place): heard something twice"]
        }
        let due = Array(applied[start...])
        let isWhole = channel.channel.state == .joined ? due == heard : Array(due.prefix(heard.count)) == heard
        return isWhole ? [] : ["\(place), \(channel.channel.state.rawValue): heard \(heard) of \(due)"]
    }

    /// Who is in a channel for its client is in it for the server, once, and shown to the others; nobody else is.
    private func memberships() -> [String] {
        var faults: [String] = []
        for room in Self.rooms {
            var present: [String] = []
            for (name, client, _) in self.clients {
                let channel = client.channel(room)
                let wanted = channel?.state == .joined ? 1 : 0
                let found = self.server.members(of: room, name)
                if wanted > 0 { present.append(name) }
                if found != wanted { faults.append("\(name) in \(room): a member \(found) times, not \(wanted)") }
                if let channel, channel.state != .joined, channel.state != .idle {
                    faults.append("\(name) in \(room): still \(channel.state.rawValue)")
                }
            }
            if self.server.present(in: room) != present.sorted() {
                faults.append("\(room) shows \(self.server.present(in: room)), not \(present)")
            }
            for (name, client, _) in self.clients {
                guard let channel = client.channel(room), channel.state == .joined else { continue }
                let seen = channel.presence.compactMap { $0.presence["name"]?.string }.sorted()
                if seen != present.sorted() { faults.append("\(name) sees \(seen) in \(room), not \(present)") }
            }
        }
        return faults
    }

    /// What was confirmed is there, and nothing is there twice.
    private func applications() -> [String] {
        var faults: [String] = []
        var counts: [String: Int] = [:]
        for room in Self.rooms { for message in self.applied(in: room) { counts[message, default: 0] += 1 } }
        for (message, channel) in self.said {
            let count = counts[message] ?? 0
            if count > 1 { faults.append("\(message) was applied \(count) times") }
            guard case .delivered? = channel.outcomes[message]?.first else { continue }
            if count == 0 { faults.append("\(message) was confirmed and is not there") }
        }
        return faults
    }

    private func applied(in room: String) -> [String] {
        let log = self.disk.logs[HistoryKey(endpoint: "/socket", channel: room)]
        return log?.broadcasts.compactMap { $0.payload["name"]?.string } ?? []
    }
}
