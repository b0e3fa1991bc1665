import PondTestSupport
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRedis
@testable import PondRuntime
@testable import PondServer

/// A failover as managed services do it: the name of the server leads to another one, and the old one takes no writes.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(2)))
struct RedisFailoverTests {
    /// Names as a test wants them; counts how often it is asked.
    private final class Names: AddressSource {
        private let state: Lock<(ports: [Int], asked: Int)>

        init(_ ports: Int...) { self.state = Lock((ports, 0)) }

        var asked: Int { self.state.withLock { $0.asked } }

        func lead(to ports: Int...) { self.state.withLock { $0.ports = ports } }

        func addresses(of host: String, port: Int) throws(PondError) -> [SocketAddress] {
            let ports = self.state.withLock { state in
                state.asked += 1
                return state.ports
            }
            return ports.compactMap { SocketAddress(ip: "127.0.0.1", port: $0) }
        }
    }

    private func options(_ names: Names) -> RedisOptions {
        .quick { $0.resolver = Resolver(source: names) }
    }

    private func until(_ holds: () async -> Bool, place: SourceLocation = #_sourceLocation) async {
        await wait(upTo: .seconds(20), until: holds, at: place)
    }

    private func demote(_ server: RedisServer, under master: RedisServer) async throws {
        var options = RedisOptions()
        options.log = SilentLog()
        let direct = try RedisClient(server.url, options: options)
        _ = try await direct.answer("REPLICAOF", "127.0.0.1", String(master.port))
        await direct.close()
    }

    @Test func aServerThatTakesNoMoreWritesIsLeftForTheOneThatTheNameLeadsTo() async throws {
        let (old, new) = (try RedisServer(), try RedisServer())
        defer {
            old.kill()
            new.kill()
        }
        let names = Names(old.port)
        let client = try RedisClient("redis://cache.example:6379", options: self.options(names))
        let pubSub = try RedisPubSub("redis://cache.example:6379", options: self.options(names))
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "topic", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        _ = try await client.answer("SET", "before", "1")
        let asked = names.asked
        names.lead(to: new.port)
        try await self.demote(old, under: new)
        // Written where it can be, though the old server still answers.
        #expect(try await client.answer("SET", "after", "2") == .simple(Array("OK".utf8)))
        var options = RedisOptions()
        options.log = SilentLog()
        let direct = try RedisClient(new.url, options: options)
        #expect(try await direct.answer("GET", "after") == .bulk(Array("2".utf8)))
        #expect(names.asked > asked)
        await direct.close()
        // A replica takes what is published and it leads nowhere; only losing the server makes a publisher look again.
        old.kill()
        await self.until { log.signals.filter { $0 == .subscribed }.count == 2 }
        try pubSub.publish(Array("heard".utf8), to: "topic")
        await self.until { log.texts.contains("heard") }
        await client.close()
        await pubSub.close()
    }

    @Test func everyAddressOfANameIsTriedAtEveryAttempt() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let names = Names(try RedisServer.freePort(), try RedisServer.freePort(), server.port)
        let client = try RedisClient("redis://cache.example:6379", options: self.options(names))
        #expect(try await client.answer("GET", "nothing") == .null)
        server.kill()
        let asked = names.asked
        await self.until { names.asked > asked + 3 }
        try server.start()
        #expect(try await client.answer("GET", "nothing") == .null)
        await client.close()
    }
}
