import Foundation
import PondTesting

@testable import PondKit

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
    private let pond: PondSocket
    private let members: [Member]
    private let clients: [PondClient]
    private let loops: [EventLoop]
    private let applied: Lock<[String: [Mark]]>
    private let joins: Lock<Int>
    private let leaves: Lock<Int>
    private let reconnects = Lock(0)
    private let refused = Lock(0)

    init(scale: Scale, carrier: Carrier) async throws {
        self.scale = scale
        let applied = Lock<[String: [Mark]]>([:])
        let joins = Lock(0)
        let leaves = Lock(0)
        var options = PondOptions()
        // A history that reaches back over the longest outage: what it could not give back would count as lost.
        options.limits.historyMessages = 1_000_000
        options.limits.historyBytes = 1 << 30
        let pond = PondSocket(options: options)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/durable/:id") { context in
            joins.withLock { $0 += 1 }
            context.accept()
            try context.track(["username": "u"])
        }
        lobby.keepHistory()
        lobby.onLeave { _ in leaves.withLock { $0 += 1 } }
        try lobby.onMessage("message") { context in
            let payload = context.payload.json
            let mark = Mark(sender: payload["s"]?.int ?? -1, number: payload["n"]?.int ?? -1)
            applied.withLock { $0[context.channelName, default: []].append(mark) }
            context.broadcast("message", context.payload)
        }
        pond.start(threads: 2)
        let address = try await pond.listen(port: 0)
        let proxy = try await FaultProxy.start(to: address.port ?? 0, seed: scale.seed)
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
            if carrier == .serverSentEvents { options.connector = SSEConnector() }
            let client = try PondClient("http://127.0.0.1:\(proxy.port)/socket", options: options)
            clients.append(client)
            let names = (0..<scale.channels).map { "/durable/\($0)" }.shuffled(using: &random)
            for name in names.prefix(2) {
                members.append(Member(client: client, channel: client.createChannel(name), index: index, name: name))
            }
        }
        self.applied = applied
        self.joins = joins
        self.leaves = leaves
        self.pond = pond
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
                let payload = message.payload.json
                heard.add(Mark(sender: payload["s"]?.int ?? -1, number: payload["n"]?.int ?? -1))
            }
            member.channel.onRecovery { if $0 == .resyncRequired { resyncs.add(0) } }
            member.channel.onOutboxChange { [refused] in
                if case .failed = $0.state { refused.withLock { $0 += 1 } }
            }
            member.channel.join()
        }
        for member in self.members { try await member.channel.joined() }
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
        ["s": .int(Int64(sender)), "n": .int(Int64(number))]
    }

    /// Waits until everybody has heard everything that was applied, or nothing comes any more.
    func settle() async throws -> ChaosReport {
        var quiet = 0
        var last = -1
        while quiet < 100 {
            let applied = self.applied.withLock { $0 }
            let wanted = self.members.reduce(0) { $0 + (applied[$1.name]?.count ?? 0) }
            let heard = self.members.reduce(0) { $0 + $1.heard.values.count }
            if heard >= wanted, self.clients.allSatisfy({ $0.state == .connected }) { break }
            quiet = heard == last ? quiet + 1 : 0
            last = heard
            try await Task.sleep(for: .milliseconds(100))
        }
        return self.report()
    }

    private func report() -> ChaosReport {
        let applied = self.applied.withLock { $0 }
        var report = ChaosReport()
        report.seed = self.scale.seed
        report.sent = self.members.count * self.scale.messages
        report.reconnects = self.reconnects.withLock { $0 } - self.clients.count
        report.flaps = self.leaves.withLock { $0 } + abs(self.joins.withLock { $0 } - self.members.count)
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
        await self.pond.stop()
        for loop in self.loops { await loop.stop() }
    }
}
