import Glibc
import PondTestSupport
import Testing

@testable import PondCore
@testable import PondNet
@testable import PondRedis
@testable import PondRuntime
@testable import PondServer

/// Redis as it is found in earnest: behind TLS, with users, several databases, several servers.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(2)))
struct RedisServersTests {
    private func until(_ holds: () -> Bool, place: SourceLocation = #_sourceLocation) async {
        await wait(upTo: .seconds(15), until: holds, at: place)
    }

    /// An authority of our own and a server's certificate by it, in a folder.
    private func certificates(in folder: String) throws {
        let script = """
            mkdir -p \(folder) && cd \(folder) &&
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-authority &&
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost &&
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names &&
            openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names
            """
        let openssl = ProgramProcess("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
        try openssl.start()
        #expect(openssl.wait() == 0, "openssl could not make certificates")
    }

    @Test func aSecuredServerIsBelievedByItsAuthorityOnly() async throws {
        let folder = "/tmp/pond-redis-tls-\(PondID.token())"
        try self.certificates(in: folder)
        let secure = try RedisServer.freePort()
        let server = try RedisServer(
            [
                "--tls-port", String(secure), "--tls-cert-file", "\(folder)/cert.pem", "--tls-key-file",
                "\(folder)/key.pem", "--tls-ca-cert-file", "\(folder)/ca.pem", "--tls-auth-clients", "no",
                "--user", "ann", "on", ">secret", "~*", "&*", "+@all", "--user", "default", "off",
            ]
        )
        let trusting = RedisOptions.quick { $0.tls.authorities = .file("\(folder)/ca.pem") }
        let url = "rediss://ann:secret@localhost:\(secure)/2"
        let pubSub = try RedisPubSub(url, options: trusting)
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        try pubSub.publish(Array("secured".utf8), to: "a")
        await self.until { log.texts == ["secured"] }
        // The history goes the same way, and into the database that was asked for.
        let client = try RedisClient(url, options: trusting)
        #expect(try await client.answer("SET", "k", "v") == .simple(Array("OK".utf8)))
        let elsewhere = try RedisClient("rediss://ann:secret@localhost:\(secure)/0", options: trusting)
        #expect(try await elsewhere.answer("GET", "k") == .null)
        #expect(try await client.answer("GET", "k") == .bulk(Array("v".utf8)))
        // It comes back, and everything does.
        server.kill()
        await self.until { log.signals.contains(.interrupted) }
        try server.start()
        await self.until { log.signals.filter { $0 == .subscribed }.count == 2 }
        try pubSub.publish(Array("again".utf8), to: "a")
        await self.until { log.texts == ["secured", "again"] }
        #expect(pubSub.statistics.reconnects == 1)
        let strangers = [
            (url, RedisOptions.quick()), ("rediss://ann:wrong@localhost:\(secure)", trusting),
            ("redis://ann:secret@localhost:\(secure)", trusting),
        ]
        for (url, options) in strangers {
            let stranger = try RedisPubSub(url, options: options)
            let heard = SignalLog()
            _ = try stranger.subscribe(to: "a", receive: heard.hear)
            try await Task.sleep(for: .milliseconds(200))
            #expect(heard.signals.isEmpty && !stranger.statistics.isConnected)
            await stranger.close()
        }
        await pubSub.close()
        await client.close()
        await elsewhere.close()
        server.kill()
        RedisServer.remove(folder)
    }

    @Test func inARedisClusterShardedTopicsAndHistoryAreFoundWhereTheirSlotIs() async throws {
        let name = "pond-redis-cluster-\(PondID.token())"
        var servers: [(server: RedisServer, bus: Int, client: RedisClient)] = []
        for index in 0..<2 {
            let bus = try RedisServer.freePort()
            let server = try RedisServer(
                [
                    "--cluster-enabled", "yes", "--cluster-port", String(bus), "--cluster-config-file",
                    "\(name)-\(index).conf", "--cluster-require-full-coverage", "no",
                ]
            )
            let client = try RedisClient(server.url, options: RedisOptions.quick())
            let slots = index == 0 ? ("0", "8191") : ("8192", "16383")
            _ = try await client.answer("CLUSTER", "ADDSLOTSRANGE", slots.0, slots.1)
            servers.append((server, bus, client))
        }
        let (first, second) = (servers[0], servers[1])
        _ = try await first.client.answer(
            "CLUSTER",
            "MEET",
            "127.0.0.1",
            String(second.server.port),
            String(second.bus)
        )
        let prefix = "{pondsocket}"
        guard case .integer(let slot) = try await first.client.answer("CLUSTER", "KEYSLOT", prefix) else {
            return #expect(Bool(false), "no slot")
        }
        // Whoever does not have the slot is asked, and names the other once both know each other.
        let (wrong, right) = slot <= 8191 ? (second, first) : (first, second)
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let probe = try await self.rawAnswer(wrong.server.port, "GET \(prefix)")
            if probe.hasPrefix("-MOVED") { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let options = RedisOptions.quick { $0.isSharded = true }
        let pubSub = try RedisPubSub(wrong.server.url, options: options)
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "\(prefix):v1:x", receive: log.hear)
        await self.until { log.signals.contains(.subscribed) }
        // Two lost publishes at most tell it where to go; what was lost is counted.
        await self.until {
            try? pubSub.publish(Array("sharded".utf8), to: "\(prefix):v1:x")
            return log.texts.contains("sharded")
        }
        let client = try RedisClient(wrong.server.url, options: options)
        let store = RedisHistoryStore(client, topics: ClusterTopics(prefix: prefix))
        let loop = EventLoop(name: "test")
        loop.start()
        let opened: Result<StreamPosition, PondError> = await withCheckedContinuation { continuation in
            store.begin(HistoryKey(endpoint: "/socket", channel: "/chat/1"), epoch: "e", on: loop) {
                continuation.resume(returning: $0)
            }
        }
        #expect(try opened.get().offset == 0)
        guard case .array(let keys) = try await right.client.answer("KEYS", "*:history:*") else {
            return #expect(Bool(false), "no keys")
        }
        #expect(!keys.isEmpty)
        await loop.stop()
        await pubSub.close()
        for one in [client, first.client, second.client] { await one.close() }
        for one in servers { one.server.kill() }
        for index in 0..<2 { unlink("/tmp/\(name)-\(index).conf") }
    }

    /// What a server answers to one inline command, without following it anywhere.
    private func rawAnswer(_ port: Int, _ command: String) async throws -> String {
        let script =
            "exec 3<>/dev/tcp/127.0.0.1/\(port); printf '\(command)\r\n' >&3; read -r line <&3; case $line in -MOVED*) exit 0;; esac; exit 1"
        let shell = ProgramProcess("/bin/bash", ["-c", script], environment: [:])
        try shell.start()
        return shell.wait() == 0 ? "-MOVED" : ""
    }
}
