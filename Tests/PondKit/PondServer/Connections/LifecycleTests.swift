import PondKit
import PondTesting
import Testing

@Suite struct LifecycleTests {
    @Test(arguments: [false, true])
    func aServerThatNobodyHoldsIsLetGoOf(runs: Bool) async throws {
        weak var kept: Endpoint?
        do {
            let pond = PondSocket(options: PondOptions().onTestCarrier)
            let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
            _ = try endpoint.createChannel("/chat/:id") { $0.accept() }
            kept = endpoint
            if runs {
                pond.start()
                await pond.stop()
            }
        }
        #expect(kept == nil)
    }

    @Test func refusesTwoOfOneKind() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        #expect(throws: PondError.self) { _ = try pond.createEndpoint("/socket") { $0.accept() } }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        #expect(throws: PondError.self) { _ = try endpoint.createChannel("/room/:id") { $0.accept() } }
        #expect(throws: PondError.self) { _ = try endpoint.createChannel("/a/*/b") { $0.accept() } }
        try lobby.onMessage("message") { _ in }
        #expect(throws: PondError.self) { try lobby.onMessage("message") { _ in } }
    }

    @Test func boundsConnectionsInAllAndFromOneAddress() throws {
        let pond = try TracedApplication.make { options in
            options.limits.connections = 3
            options.limits.connectionsPerAddress = 2
        }
        let first = try pond.test.connect("/socket", address: "10.0.0.1")
        _ = try pond.test.connect("/socket", address: "10.0.0.1")
        let refused = try #require(throws: PondError.self) { try pond.test.connect("/socket", address: "10.0.0.1") }
        #expect(refused.code == 503)
        _ = try pond.test.connect("/socket", address: "10.0.0.2")
        #expect(throws: PondError.self) { try pond.test.connect("/socket", address: "10.0.0.3") }
        first.close()
        pond.test.run()
        _ = try pond.test.connect("/socket", address: "10.0.0.3")
        #expect(pond.connectionCount == 3)
    }

    @Test func believesTrustedProxiesAboutTheAddress() throws {
        var options = PondOptions()
        options.trustedProxies = ["10.0.0.0/8", "::1", "fd00::/8"]
        let pond = PondSocket(options: options.onTestCarrier)
        _ = try pond.createEndpoint("/socket") { $0.accept(userId: $0.address) }
        var headers = HTTPHeaders()
        headers.add("X-Forwarded-For", "6.6.6.6, 1.2.3.4")
        headers.add("x-forwarded-for", "10.1.1.1")
        #expect(try pond.test.connect("/socket", headers: headers, address: "10.9.9.9").userId == "1.2.3.4")
        #expect(try pond.test.connect("/socket", headers: headers, address: "::1").userId == "1.2.3.4")
        #expect(try pond.test.connect("/socket", headers: headers, address: "fd12::9").userId == "1.2.3.4")
        #expect(try pond.test.connect("/socket", headers: headers, address: "fe80::9").userId == "fe80::9")
        #expect(try pond.test.connect("/socket", headers: headers, address: "11.0.0.1").userId == "11.0.0.1")
        #expect(try pond.test.connect("/socket", address: "10.0.0.1").userId == "10.0.0.1")
    }

    @Test func readsCookiesAndParameters() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        _ = try pond.createEndpoint("/api/:tenant/*") { context in
            let parts = [
                context.params["tenant"], context.wildcard, context.cookies["id"], context.cookies["quoted"],
                context.headers["x-KIND"], context.query["q"]?.joined(separator: "+"),
            ]
            context.accept(userId: parts.map { $0 ?? "-" }.joined(separator: " "))
        }
        var headers = HTTPHeaders()
        headers.add("Cookie", "id=7; quoted=\"x y\"; id=8")
        headers.add("X-Kind", "test")
        let session = try pond.test.connect("/api/acme/a/b?q=1&q=2", headers: headers)
        #expect(session.userId == "acme a/b 7 x y test 1+2")
    }

    @Test func asksOnlyBrowsersForTheirOrigin() throws {
        let pond = try TracedApplication.make { $0.allowedOrigins = .these(["https://ours.example"]) }
        var headers = HTTPHeaders()
        _ = try pond.test.connect("/socket", headers: headers)
        headers.add("Origin", "https://ours.example")
        _ = try pond.test.connect("/socket", headers: headers)
        headers["Origin"] = "https://theirs.example"
        let refused = try #require(throws: PondError.self) { try pond.test.connect("/socket", headers: headers) }
        #expect(refused.code == 403)
    }

    @Test func closesASlowConsumerAndKeepsTheOthers() throws {
        let pond = try TracedApplication.make { $0.limits.outboundBytes = 10_000 }
        let slow = try pond.test.connect("/socket")
        let quick = try pond.test.connect("/socket")
        for session in [slow, quick] { session.join("/bench/1") }
        _ = (slow.receiveAll(), quick.receiveAll())
        slow.pauseReading()
        let text = JSON.string(String(repeating: "x", count: 900))
        for _ in 0..<20 {
            quick.send("/bench/1", "message", Payload(["text": text] as JSONObject))
            #expect(quick.receiveAll().count == 1)
        }
        #expect(pond.connectionCount == 1)
        slow.resumeReading()
        #expect(slow.end?.code == 1013)
    }

    @Test func tellsClientsToGoElsewhereAndTakesNoNewOnes() throws {
        let pond = try TracedApplication.make()
        let sessions = try (0..<4).map { _ in try pond.test.connect("/socket") }
        pond.drain(over: .seconds(8))
        let hints = sessions.flatMap { $0.receiveAll() }
        #expect(hints.map(\.event) == ["RECONNECT", "RECONNECT", "RECONNECT", "RECONNECT"])
        #expect(hints.allSatisfy { $0.action == .system && $0.channelName == "GATEWAY" })
        #expect(hints.compactMap { $0.payload["after"]?.int }.sorted() == [0, 2_000, 4_000, 6_000])
        let refused = try #require(throws: PondError.self) { try pond.test.connect("/socket") }
        #expect(refused.code == 503)
        sessions[0].join("/bench/1")
        #expect(sessions[0].receiveAll().map(\.event) == ["ACKNOWLEDGE"])
        pond.closeAll()
        #expect(sessions.map { $0.end?.code } == [1001, 1001, 1001, 1001])
        #expect(pond.connectionCount == 0)
    }

    @Test func stopsWithItsThreads() async throws {
        let pond = try TracedApplication.make()
        let loop = try #require(pond.start(threads: 2).first)
        let stopped = Lock(false)
        pond.onStop { stopped.withLock { $0 = true } }
        let client = MemoryClient(pond, loop)
        await client.connect("/socket")
        #expect(pond.connectionCount == 1)
        await pond.stop()
        #expect(pond.connectionCount == 0)
        #expect(stopped.withLock { $0 })
        #expect(await client.ended() == 1001)
    }

    @Test func closesOneConnectionByItsIdOrItsUser() throws {
        let pond = try TracedApplication.make()
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        pond.close(connectionId: alice.connectionId, code: 4_000, reason: "enough")
        #expect(alice.end == TransportEnd(code: 4_000, reason: "enough", clean: true))
        #expect(bob.end == nil)
        pond.disconnect(userId: bob.userId)
        #expect(bob.end?.code == 1000)
    }

    @Test func actsAndAsksFromOutside() async throws {
        let pond = try TracedApplication.make()
        pond.start(threads: 1)
        let loop = try #require(pond.loops.first)
        let alice = MemoryClient(pond, loop)
        await alice.connect("/socket?username=alice")
        alice.send(.joinChannel, "/chat/1")
        #expect(await alice.next()?.event == "ACKNOWLEDGE")
        #expect(await alice.next()?.event == "JOIN")
        let channel = try #require(pond.channel("/socket", "/chat/1"))
        #expect(pond.channel("/socket", "/nothing/1") == nil)
        #expect(pond.channel("/none", "/chat/1") == nil)
        #expect(channel.isLive)
        #expect(pond.endpoint("/socket")?.channelNames == ["/chat/1"])
        #expect(await channel.userCount() == 1)
        let user = try #require(await channel.users().first)
        #expect(user.assigns["username"] == "alice")
        #expect(user.presence?["status"] == "online")
        #expect(await channel.user(user.id) == user)
        #expect(await channel.assigns()[user.id]?["username"] == "alice")
        channel.assign(["level": 3], for: user.id)
        #expect(await channel.user(user.id)?.assigns["level"] == 3)
        try await channel.updatePresence(["status": "away"], for: user.id)
        #expect(await alice.next()?.event == "UPDATE")
        await #expect(throws: PondError.self) { try await channel.updatePresence([:], for: "nobody") }
        #expect(await channel.presence().map(\.presence) == [["status": "away"]])
        for index in 0..<5 { channel.broadcast("notice", ["n": .int(Int64(index))]) }
        for index in 0..<5 { #expect(await alice.next()?.payload["n"]?.int == index) }
        channel.evict(user.id, reason: "late")
        #expect(await alice.next()?.event == "EVICTED")
        await channel.settled()
        #expect(!channel.isLive)
        #expect(await channel.users().isEmpty)
        await pond.stop()
    }
}
