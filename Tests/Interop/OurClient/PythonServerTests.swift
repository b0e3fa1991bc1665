import PondKit
import PondTesting
import Testing

/// Our client against the real `pondsocket` server for Python.
@Suite(
    .enabled(if: PythonServer.isInstalled, "scripts/peers.sh has not installed the PondSocket packages for Python"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct PythonServerTests {
    static func client(_ port: Int, _ name: String, change: (inout PondClientOptions) -> Void = { _ in }) throws
        -> PondClient
    {
        var options = PondClientOptions()
        options.connection.backoff = Backoff(first: .milliseconds(50), factor: 2, cap: .milliseconds(400))
        change(&options)
        return try PondClient("http://127.0.0.1:\(port)/socket", params: ["username": name], options: options)
    }

    @Test func joinsAndTalksAndSeesWhoIsThere() async throws {
        let server = try await PythonServer()
        let alice = try Self.client(server.port, "alice")
        let bob = try Self.client(server.port, "bob")
        let here = alice.createChannel("/chat/1")
        let there = bob.createChannel("/chat/1")
        let presence = Collected<String>()
        here.onJoin { presence.add("join \($0.presence["username"]?.string ?? "?")") }
        here.onPresenceChange { presence.add("update \($0.presence["status"]?.string ?? "?")") }
        here.onLeave { presence.add("leave \($0.presence["username"]?.string ?? "?")") }
        let heard = Collected<String>()
        let own = Collected<String>()
        try there.onMessageEvent("message") { heard.add($0.payload["text"]?.string ?? "?") }
        try here.onMessageEvent("message") { own.add($0.payload["from"]?.string ?? "?") }

        alice.connect()
        try await alice.connected()
        here.join()
        try await here.joined()
        there.join()
        bob.connect()
        try await there.joined()
        #expect(await until { presence.values.last == "join bob" })
        #expect(here.presence.count == 2)

        try here.sendMessage("message", ["text": "hi"])
        #expect(await until { heard.values == ["hi"] && own.values == ["alice"] })

        let pong = try await here.sendForResponse("ping", ["n": 1])
        #expect(pong["n"] == 1)
        struct WhoAmI: Decodable { var userId: String }
        let me = try await there.sendForResponse("whoami", encoding: [String: Int](), as: WhoAmI.self)

        try there.sendMessage("status", ["status": "away"])
        #expect(await until { presence.values.last == "update away" })

        try here.sendMessage("kick", ["userId": .string(me.userId)])
        #expect(await until { there.state == .closed })
        #expect(await until { presence.values.last == "leave bob" })
        #expect(alice.status.resumed == nil)
    }

    @Test func isDeclinedWithAReason() async throws {
        let server = try await PythonServer()
        let client = try Self.client(server.port, "alice")
        client.connect()
        for name in ["/private/1", "/nowhere", "/crash/1"] {
            let channel = client.createChannel(name)
            channel.join()
            await #expect(throws: PondError.self, "\(name)") { try await channel.joined() }
            #expect(channel.state == .declined)
        }
    }

    @Test func getsTypedErrors() async throws {
        let server = try await PythonServer()
        let client = try Self.client(server.port, "alice")
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        try await channel.joined()
        await #expect(throws: PondError.self) {
            try await channel.sendForResponse("no-such-event", timeout: .milliseconds(200))
        }
        await #expect(throws: PondError.self) {
            try await channel.sendForResponse("crash", timeout: .milliseconds(200))
        }
        let silent = await #expect(throws: PondError.self) {
            try await channel.sendForResponse("silent", timeout: .milliseconds(200))
        }
        #expect(silent?.kind == .timeout)
        #expect(try await channel.sendForResponse("ping", ["alive": true])["alive"] == true)
    }

    @Test func keepsTryingWithNewTokensUntilOneIsAccepted() async throws {
        let server = try await PythonServer()
        let tokens = Collected<String>()
        let client = try Self.client(server.port, "alice") { options in
            options.token = ClientToken {
                tokens.add(tokens.values.count < 2 ? "bad" : "good")
                return tokens.values.last
            }
            // uvicorn answers 403 whatever the application said.
            options.connection.retriedRefusals = [403]
        }
        let errors = Collected<PondError>()
        client.onError { errors.add($0) }
        client.connect()
        try await client.connected()
        #expect(tokens.values == ["bad", "bad", "good"])
        #expect(errors.values.map(\.code) == [403, 403])
    }

    @Test func comesBackAfterAServerRestart() async throws {
        let server = try await PythonServer()
        let client = try Self.client(server.port, "alice")
        client.connect()
        let channel = client.createChannel("/chat/1")
        let states = Collected<ChannelState>()
        channel.onChannelStateChange { states.add($0.state) }
        let heard = Collected<String>()
        try channel.onMessageEvent("message") { heard.add($0.payload["text"]?.string ?? "?") }
        channel.join()
        try await channel.joined()
        server.kill()
        #expect(await until { channel.state == .stalled })
        #expect(await until { client.status.nextTry != nil })
        try channel.sendMessage("message", ["text": "while away"])
        try await server.start()
        #expect(await until { heard.values == ["while away"] })
        #expect(states.values.filter { $0 == .joined }.count == 2)
        #expect(try await channel.sendForResponse("ping", ["n": 2])["n"] == 2)
    }

    @Test func joinsAgainAfterADropWhileJoining() async throws {
        let server = try await PythonServer()
        let proxy = try await FaultProxy.start(to: server.port, seed: 1)
        let client = try Self.client(proxy.port, "alice")
        client.connect()
        try await client.connected()
        proxy.swallowAll()
        let channel = client.createChannel("/chat/1")
        channel.join()
        #expect(await until { channel.status.reason == .joinSent })
        proxy.cutAll()
        try await channel.joined()
        #expect(client.status.attempt == 0)
        await proxy.stop()
    }

    @Test func noticesAHalfOpenLinkAndComesBack() async throws {
        let server = try await PythonServer()
        let proxy = try await FaultProxy.start(to: server.port, seed: 1)
        let client = try Self.client(proxy.port, "alice") { $0.connection.heartbeat = .milliseconds(200) }
        let reasons = Collected<ConnectionReason>()
        client.onConnectionChange { reasons.add($0.reason) }
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        try await channel.joined()
        #expect(await until { client.status.lag != nil })
        proxy.swallowAll()
        #expect(await until { channel.state == .stalled })
        #expect(reasons.values.contains(.silent))
        #expect(await until { channel.state == .joined })
        await proxy.stop()
    }

    @Test func comesBackOnceWheneverItsSocketIsCut() async throws {
        let server = try await PythonServer()
        let proxy = try await FaultProxy.start(to: server.port, seed: 1)
        let witness = try Self.client(server.port, "witness")
        let alice = try Self.client(proxy.port, "alice")
        let seen = witness.createChannel("/chat/1")
        let leaves = Collected<String>()
        seen.onLeave { leaves.add($0.presence["username"]?.string ?? "?") }
        let room = alice.createChannel("/chat/1")
        for (client, channel) in [(witness, seen), (alice, room)] {
            client.connect()
            channel.join()
            try await channel.joined()
        }
        for round in 1...10 {
            proxy.cutAll()
            #expect(await until { leaves.values.count == round })
            #expect(await until { room.state == .joined && seen.presence.count == 2 })
            #expect(try await room.sendForResponse("ping", ["n": .int(Int64(round))])["n"]?.int == round)
        }
        await proxy.stop()
    }
}
