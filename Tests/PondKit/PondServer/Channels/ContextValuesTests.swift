import PondKit
import PondTesting
import Testing

/// What contexts take besides ready payloads: literals of variables, and values of the caller's own types.
@Suite struct ContextValuesTests {
    private struct Vote: Codable {
        var choice: String
        var weight: Int
    }

    private func application() throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { context in
            let name = context.query["name"]?.first
            context.accept(assigns: ["name": name])
        }
        let lobby = try endpoint.lobby("/poll/:id") { context in
            let level = 3
            context.accept(assigns: ["level": level])
            try context.track(encoding: Vote(choice: "none", weight: 0))
        }
        try lobby.onMessage("vote") { context in
            let choice = context.payload["choice"]?.string
            context.broadcastFrom(
                "voted",
                ["choice": choice, "by": context.assigns["name"], "at": context.channelName]
            )
            try context.reply("counted", encoding: Vote(choice: choice ?? "", weight: 2))
        }
        try lobby.onMessage("show") { context in
            let weight = 9
            try context.updatePresence(["choice": "b", "weight": weight])
            try context.broadcast("all", encoding: ["a": 1])
        }
        return pond
    }

    @Test func literalsOfVariablesAndEncodableValuesReachTheMembers() throws {
        let pond = try self.application()
        let ann = try pond.test.connect("/socket?name=ann")
        let bob = try pond.test.connect("/socket?name=bob")
        ann.join("/poll/1")
        bob.join("/poll/1")
        _ = ann.receiveAll()
        _ = bob.receiveAll()
        ann.send("/poll/1", "vote", ["choice": "a"])
        let answer = try #require(ann.receive())
        #expect(answer.event == "counted")
        #expect(answer.payload.description == #"{"choice":"a","weight":2}"#)
        #expect(bob.receive()?.payload.description == #"{"choice":"a","by":"ann","at":"/poll/1"}"#)
        bob.send("/poll/1", "show")
        let seen = bob.receiveAll()
        #expect(seen.contains { $0.payload["changed"]?["weight"] == 9 })
        #expect(seen.contains { $0.event == "all" && $0.payload.description == #"{"a":1}"# })
    }

    @Test func anErrorAfterAcceptUndoesTheJoin() throws {
        struct Fault: Error {}
        let left = Lock(0)
        let log = LogKeeper()
        var options = PondOptions()
        options.log = log
        let joined = Lock(0)
        options.hooks.afterJoin = { _, _ in joined.withLock { $0 += 1 } }
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.lobby("/room/:id") { context in
            context.accept()
            throw Fault()
        }
        lobby.onLeave { _ in left.withLock { $0 += 1 } }
        let ann = try pond.test.connect("/socket")
        ann.join("/room/1")
        #expect(ann.receiveAll().map(\.event) == ["ACKNOWLEDGE", "INTERNAL_SERVER_ERROR", "EVICTED"])
        #expect(pond.channelCount == 0)
        #expect(left.withLock { $0 } == 1)
        #expect(joined.withLock { $0 } == 0)
        #expect(log.lines.contains { $0.contains("join handler of /room/:id") })
        let id = ann.send("/room/1", "hello")
        let answer = try #require(ann.receive())
        #expect(answer.event == "NOT_FOUND" && answer.requestId == id)
    }

    @Test func stepsAreWrittenWhereTheyAreAdded() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let seen = Lock<[String]>([])
        @Sendable func note(_ word: String) { seen.withLock { $0.append(word) } }
        endpoint.use { (context: ConnectionContext, next) in
            note("connection \(context.path)")
            try next()
        }
        endpoint.use { (context: JoinContext, next) in
            note("join \(context.channelName)")
            try next()
        }
        let lobby = try endpoint.lobby("/room/:id") { $0.accept() }
        lobby.use { (context: EventContext, next) in
            note("event \(context.eventName)")
            try next()
        }
        try lobby.onMessage("hello") { $0.reply("hello") }
        let ann = try pond.test.connect("/socket")
        ann.join("/room/1")
        ann.send("/room/1", "hello")
        #expect(ann.receiveAll().map(\.event) == ["ACKNOWLEDGE", "hello"])
        #expect(seen.withLock { $0 } == ["connection /socket", "join /room/1", "event hello"])
    }
}
