import Foundation
import PondTesting

@testable import PondClient
@testable import PondCore
@testable import PondRuntime

/// A server with durable channels, a proxy that breaks connections, and clients that talk through it.
final class ChaosWorld: Sendable {
    struct Scale: Sendable {
        var clients = 8
        var channels = 3
        var messages = 60
        var bytesBetweenFaults = 12_000
        var seed = UInt64.random(in: 0 ... .max)

        static func fromEnvironment() -> Scale {
            var scale = Scale()
            let environment = ProcessInfo.processInfo.environment
            scale.clients = environment["POND_CHAOS_CLIENTS"].flatMap(Int.init) ?? scale.clients
            scale.channels = environment["POND_CHAOS_CHANNELS"].flatMap(Int.init) ?? scale.channels
            scale.messages = environment["POND_CHAOS_MESSAGES"].flatMap(Int.init) ?? scale.messages
            scale.bytesBetweenFaults = environment["POND_CHAOS_BYTES"].flatMap(Int.init) ?? scale.bytesBetweenFaults
            scale.seed = environment["POND_CHAOS_SEED"].flatMap(UInt64.init) ?? scale.seed
            return scale
        }
    }

    enum Carrier: String, Sendable {
        case webSocket
        case serverSentEvents
    }

    /// One message as its sender named it.
    struct Mark: Sendable, Hashable {
        let sender: Int
        let number: Int

        init(_ payload: Payload) {
            let payload = payload.json
            // A text that is not what every reader must read marks nothing, so that its message counts as lost.
            let isReadable = payload["t"]?.string == HalfEmojiConnector.read
            self.sender = isReadable ? payload["s"]?.int ?? -1 : -1
            self.number = payload["n"]?.int ?? -1
        }
    }

    struct Member: Sendable {
        let client: PondClient
        let channel: ClientChannel
        let index: Int
        let name: String
        let heard = Seen<Mark>()
        let resyncs = Seen<Int>()
    }

    let scale: Scale
    let proxy: FaultProxy
    private let server: ChaosServer
    private let members: [Member]
    private let clients: [PondClient]
    /// Clients that announce no session and confirm nothing, as v1 clients: they come, and end without a word.
    private let guests: [PondClient]
    private let loops: [EventLoop]
    private let reconnects = Lock(0)
    private let refused = Lock(0)

    /// A world; `isOnDisk` where the server's history must survive it.
    init(scale: Scale, carrier: Carrier, isOnDisk: Bool = false) async throws {
        self.scale = scale
        let server = try await ChaosServer(isOnDisk: isOnDisk)
        let proxy = try await FaultProxy.start(to: server.port, seed: scale.seed)
        let loops = (0..<2).map { EventLoop(name: "chaos-\($0)") }
        for loop in loops { loop.start() }

        var random = SeededRandom(seed: scale.seed &+ 1)
        var clients: [PondClient] = []
        var members: [Member] = []
        for index in 0..<scale.clients {
            var options = PondClientOptions()
            options.loop = loops[index % loops.count]
            options.connection.backoff = Backoff(first: .milliseconds(20), factor: 2, cap: .milliseconds(200))
            options.connection.connectTime = .milliseconds(800)
            options.connection.heartbeat = .milliseconds(300)
            options.connector = HalfEmojiConnector(
                inner: carrier == .serverSentEvents ? SSEConnector() : WebSocketConnector()
            )
            let client = try PondClient("http://127.0.0.1:\(proxy.port)/socket", options: options)
            clients.append(client)
            let names = (0..<scale.channels).map { "/durable/\($0)" }.shuffled(using: &random)
            for name in names.prefix(2) {
                members.append(Member(client: client, channel: client.createChannel(name), index: index, name: name))
            }
        }
        self.guests = try (0..<max(2, scale.clients / 10)).map { index in
            var options = PondClientOptions()
            options.loop = loops[index % loops.count]
            options.connection.backoff = Backoff(first: .milliseconds(20), factor: 2, cap: .milliseconds(200))
            options.connection.heartbeat = .milliseconds(300)
            options.resumesSessions = false
            options.confirmsSends = false
            if carrier == .serverSentEvents { options.connector = SSEConnector() }
            return try PondClient("http://127.0.0.1:\(proxy.port)/socket", options: options)
        }
        self.server = server
        self.proxy = proxy
        self.loops = loops
        self.clients = clients
        self.members = members
    }

    /// Everybody joins while the network is still well, so that everybody is to see everything.
    func join() async throws {
        for client in self.clients {
            client.onConnectionChange { [reconnects] status in
                if status.state == .connected { reconnects.withLock { $0 += 1 } }
            }
            client.connect()
        }
        for member in self.members {
            let heard = member.heard
            let resyncs = member.resyncs
            member.channel.onMessage { message in
                guard message.event == "message" else { return }
                heard.add(Mark(message.payload))
            }
            member.channel.onRecovery { if $0 == .resyncRequired { resyncs.add(0) } }
            member.channel.onOutboxChange { [refused] in
                if case .failed = $0.state { refused.withLock { $0 += 1 } }
            }
            member.channel.join()
        }
        for member in self.members { try await member.channel.joined() }
        for (index, guest) in self.guests.enumerated() {
            guest.connect()
            guest.createChannel("/durable/\(index % self.scale.channels)", params: ["guest": true]).join()
        }
    }

    /// The guests' sockets end, like every other. Returns how many guests members see once they are back.
    private func countGhosts() async throws -> Int {
        for guest in self.guests { guest.disconnect() }
        self.proxy.cutAll()
        var ghosts = -1
        for _ in 0..<500 where ghosts != 0 {
            try await Task.sleep(for: .milliseconds(20))
            guard self.members.allSatisfy({ $0.channel.state == .joined }) else { continue }
            ghosts = self.members.reduce(0) { sum, member in
                sum + member.channel.presence.count { $0.presence["username"] == "guest" }
            }
        }
        return ghosts
    }

    /// Every member sends its messages in bursts, each burst when the one before is confirmed.
    func talk() async throws {
        try await withThrowingTaskGroup { group in
            for member in self.members {
                group.addTask { try await self.talk(member) }
            }
            try await group.waitForAll()
        }
    }

    /// The same while the server dies again and again, at random moments, and another takes its place.
    func talkWhileTheServerCrashes(atLeast times: Int, every time: Duration) async throws {
        let isOver = Lock(false)
        async let crashes: Void = self.crash(atLeast: times, every: time) { isOver.withLock { $0 } }
        defer { isOver.withLock { $0 = true } }
        try await self.talk()
        isOver.withLock { $0 = true }
        try await crashes
    }

    private func crash(atLeast times: Int, every time: Duration, until isOver: @Sendable () -> Bool) async throws {
        var random = SeededRandom(seed: self.scale.seed &+ 2)
        var count = 0
        while count < times || !isOver() {
            try await Task.sleep(for: time * Double.random(in: 0...1, using: &random))
            // Nobody hears the old server's last words, and nobody finds a server until the new one is there.
            self.proxy.target = 1
            self.proxy.cutAll()
            try await self.server.crash()
            self.proxy.target = self.server.port
            count += 1
        }
    }

    private func talk(_ member: Member) async throws {
        var random = SeededRandom(seed: self.scale.seed &+ UInt64(member.index) &* 977 &+ UInt64(member.name.count))
        var next = 0
        while next < self.scale.messages {
            let burst = min(Int.random(in: 1...20, using: &random), self.scale.messages - next)
            for _ in 1..<max(burst, 1) {
                try member.channel.sendMessage("message", Self.payload(member.index, next))
                next += 1
            }
            try await member.channel.deliver("message", Self.payload(member.index, next))
            next += 1
        }
    }

    private static func payload(_ sender: Int, _ number: Int) -> Payload {
        ["s": .int(Int64(sender)), "n": .int(Int64(number)), "t": .string(HalfEmojiConnector.said)]
    }

    /// Waits until everybody has heard everything that was applied, or nothing comes any more.
    func settle() async throws -> ChaosReport {
        var quiet = 0
        var last = -1
        while quiet < 100 {
            let applied = try await self.server.applied()
            let wanted = self.members.reduce(0) { $0 + (applied[$1.name]?.count ?? 0) }
            let heard = self.members.reduce(0) { $0 + $1.heard.values.count }
            if heard >= wanted, self.clients.allSatisfy({ $0.state == .connected }) { break }
            quiet = heard == last ? quiet + 1 : 0
            last = heard
            try await Task.sleep(for: .milliseconds(100))
        }
        var report = self.report(try await self.server.applied())
        report.ghosts = try await self.countGhosts()
        return report
    }

    private func report(_ applied: [String: [Mark]]) -> ChaosReport {
        var report = ChaosReport()
        report.seed = self.scale.seed
        report.sent = self.members.count * self.scale.messages
        report.reconnects = self.reconnects.withLock { $0 } - self.clients.count
        report.flaps = self.server.leaves + abs(self.server.joins - self.members.count)
        report.crashes = self.server.crashes
        report.resyncs = self.members.reduce(0) { $0 + $1.resyncs.values.count }
        report.refused = self.refused.withLock { $0 }
        report.faults = self.proxy.counts.map { "\($0.key) \($0.value)" }.sorted()
        for (name, marks) in applied {
            let senders = self.members.filter { $0.name == name }
            report.countApplied(marks, senders: senders.map(\.index), each: self.scale.messages)
            for member in senders { report.countHeard(member.heard.values, applied: marks) }
        }
        return report
    }

    func stop() async {
        for client in self.clients { client.disconnect() }
        await self.proxy.stop()
        await self.server.stop()
        for loop in self.loops { await loop.stop() }
    }
}
