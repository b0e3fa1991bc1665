import PondKit
import PondTesting
import Testing

/// The client against our own server, both on loops that the test runs.
@Suite struct InProcessTests {
    final class World {
        let pond = PondSocket()
        let connector: InProcessConnector
        let driver: PondTestDriver

        init() throws {
            let endpoint = try self.pond.createEndpoint("/socket") { context in
                guard context.query["token"]?.first != "bad" else { return context.decline(401, "Invalid token") }
                context.accept(assigns: ["username": .string(context.query["username"]?.first ?? "?")])
            }
            let chat = try endpoint.createChannel("/chat/:room") { context in
                context.accept()
                try context.track(["username": context.assigns["username"] ?? .null])
            }
            try chat.onMessage("message") { context in context.broadcast("message", context.payload) }
            try chat.onMessage("ping") { context in context.reply("pong", context.payload) }
            try chat.onMessage("kick") { context in
                context.evict(context.payload["id"]?.string ?? "", reason: "kicked")
            }
            _ = try endpoint.createChannel("/private/:id") { context in context.decline(403, "Private channel") }
            self.driver = self.pond.test
            self.connector = InProcessConnector(self.pond)
        }

        func client(_ name: String, token: ClientToken? = nil) throws -> PondClient {
            var options = PondClientOptions()
            options.loop = self.driver.loops[0]
            options.connector = self.connector
            options.random = { 0.5 }
            options.token = token
            return try PondClient("ws://here/socket", params: ["username": name], options: options)
        }

        func run() { self.driver.run() }
    }

    @Test func talksWithOtherClients() async throws {
        let world = try World()
        let alice = try world.client("alice")
        let bob = try world.client("bob")
        let here = alice.createChannel("/chat/1")
        let there = bob.createChannel("/chat/1")
        let joined = Seen<String>()
        here.onJoin { joined.add($0.presence["username"]?.string ?? "?") }
        let left = Seen<String>()
        here.onLeave { left.add($0.presence["username"]?.string ?? "?") }
        let heard = Seen<Payload>()
        try there.onMessageEvent("message") { heard.add($0.payload) }
        for (client, channel) in [(alice, here), (bob, there)] {
            client.connect()
            channel.join()
            world.run()
            #expect(channel.state == .joined)
        }
        #expect(alice.status.userId != bob.status.userId)
        #expect(joined.values.last == "bob")
        #expect(there.presence.count == 2)
        try here.sendMessage("message", ["text": "hi"])
        world.run()
        #expect(heard.values == [["text": "hi"]])
        there.leave()
        world.run()
        #expect(left.values == ["bob"])
    }

    @Test func getsRepliesAndErrors() async throws {
        let world = try World()
        let client = try world.client("alice")
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        world.run()
        for (event, code) in [("ping", nil), ("nothing", 404)] as [(String, Int?)] {
            let answers = Seen<Result<Payload, PondError>>()
            let task = Task {
                do throws(PondError) {
                    answers.add(.success(try await channel.sendForResponse(event, ["n": 1])))
                } catch {
                    answers.add(.failure(error))
                }
            }
            while answers.values.isEmpty {
                await Task.yield()
                world.run()
            }
            await task.value
            switch answers.values[0] {
            case .success(let payload): #expect(payload == ["n": 1] && code == nil)
            case .failure(let error): #expect(error.code == code)
            }
        }
    }

    @Test func isDeclinedWhereTheServerSaysSo() throws {
        let world = try World()
        let client = try world.client("alice")
        client.connect()
        for (name, code) in [("/private/1", 403), ("/nowhere", 404)] {
            let channel = client.createChannel(name)
            channel.join()
            world.run()
            #expect(channel.state == .declined)
            guard case .declined(let error) = channel.status.reason else { continue }
            #expect(error.code == code)
        }
    }

    @Test func isClosedByAnEviction() throws {
        let world = try World()
        let client = try world.client("alice")
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        world.run()
        try channel.sendMessage("kick", ["id": .string(client.status.userId ?? "")])
        world.run()
        #expect(channel.status.reason == .evicted("kicked"))
    }

    @Test func comesBackAfterEveryKindOfCut() throws {
        let world = try World()
        let client = try world.client("alice")
        client.connect()
        let channel = client.createChannel("/chat/1")
        channel.join()
        world.run()
        for side in [InProcessConnector.Side.client, .server, .both] {
            world.connector.cut(side)
            world.run()
            #expect(client.state == .disconnected)
            #expect(channel.state == .stalled)
            world.driver.advance(by: .milliseconds(500))
            #expect(client.state == .connected)
            #expect(channel.state == .joined)
            world.driver.advance(by: .seconds(2))
        }
    }

    @Test func usesANewTokenAfterADeclinedOne() throws {
        let world = try World()
        let tokens = Seen<String>()
        let client = try world.client(
            "alice",
            token: ClientToken {
                tokens.add(tokens.values.isEmpty ? "bad" : "good")
                return tokens.values.last
            }
        )
        client.connect()
        world.run()
        #expect(client.status.reason == .failed(.unauthorized("Invalid token")))
        world.driver.advance(by: .milliseconds(500))
        #expect(client.state == .connected)
    }

    @Test func waitsForAServerThatIsNotThereYet() throws {
        let world = try World()
        world.connector.isReachable = false
        let client = try world.client("alice")
        client.connect()
        world.run()
        #expect(client.status.nextTry != nil)
        world.connector.isReachable = true
        client.reconnectNow()
        world.run()
        #expect(client.state == .connected)
    }
}
