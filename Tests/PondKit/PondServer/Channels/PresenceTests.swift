import PondKit
import PondTesting
import Testing

@Suite struct PresenceTests {
    private func application() throws -> PondSocket {
        var options = PondOptions()
        options.limits.sessionGrace = .zero
        options.log = SilentLog()
        options.limits.presenceBytes = 64
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { context in
            context.accept(userId: context.query["id"]?.first)
        }
        let lobby = try endpoint.createChannel("/room") { context in
            context.accept()
            if let name = context.joinParams["name"] { try context.track(["name": name]) }
        }
        try lobby.onMessage("track") { context in
            try context.track(context.payload.json.object ?? [:], for: context.payload["for"]?.string)
        }
        try lobby.onMessage("update") { context in
            try context.updatePresence(context.payload.json.object ?? [:], for: context.payload["for"]?.string)
        }
        try lobby.onMessage("untrack") { try $0.untrack($0.payload["for"]?.string) }
        try lobby.onMessage("all") { context in
            context.reply(
                "all",
                Payload(JSONObject(context.allPresence.sorted { $0.key < $1.key }.map { ($0, .object($1)) }))
            )
        }
        return pond
    }

    private func join(_ pond: PondSocket, _ id: String, tracked: Bool = true) throws -> PondTestSession {
        let session = try pond.test.connect("/socket?id=\(id)")
        session.join("/room", tracked ? ["name": .string(id)] : .empty)
        return session
    }

    @Test func tellsTrackedMembersOnly() throws {
        let pond = try self.application()
        let watcher = try self.join(pond, "w", tracked: false)
        let alice = try self.join(pond, "a")
        let bob = try self.join(pond, "b")
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN", "JOIN"])
        #expect(bob.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN"])
        alice.send("/room", "update", ["name": "A"])
        let update = try #require(bob.receive())
        #expect(update.payload.description == #"{"presence":[{"name":"A"},{"name":"b"}],"changed":{"name":"A"}}"#)
        #expect(alice.receiveAll().map(\.event) == ["UPDATE"])
        alice.send("/room", "untrack")
        #expect(bob.receiveAll().map(\.event) == ["LEAVE"])
        #expect(alice.receiveAll().isEmpty)
        #expect(watcher.receiveAll().map(\.event) == ["ACKNOWLEDGE"])
    }

    private static let misuses: [(String, Payload, Int)] = [
        ("track", ["n": 1], 409),
        ("track", ["n": 1, "for": "nobody"], 404),
        ("update", ["n": 1, "for": "w"], 404),
        ("untrack", ["for": "w"], 404),
        ("update", Payload(["n": .string(String(repeating: "x", count: 80))] as JSONObject), 413),
    ]

    @Test(arguments: Self.misuses)
    func answersAMisuseWithAPresenceError(_ event: String, _ payload: Payload, _ status: Int) throws {
        let pond = try self.application()
        let alice = try self.join(pond, "a")
        _ = try self.join(pond, "w", tracked: false)
        _ = alice.receiveAll()
        let id = alice.send("/room", event, payload)
        let answers = alice.receiveAll()
        #expect(answers.count == 1)
        #expect(answers.first?.action == .error)
        #expect(answers.first?.event == "PRESENCE_ERROR")
        #expect(answers.first?.requestId == id)
        #expect(answers.first?.payload["status"]?.int == status)
    }

    @Test func tracksOthersAndListsAllByKey() throws {
        let pond = try self.application()
        let alice = try self.join(pond, "a")
        let bob = try self.join(pond, "b", tracked: false)
        _ = (alice.receiveAll(), bob.receiveAll())
        alice.send("/room", "track", ["for": "b", "x": 1])
        #expect(bob.receiveAll().map(\.event) == ["JOIN"])
        alice.send("/room", "all")
        #expect(alice.receiveAll().last?.payload.description == #"{"a":{"name":"a"},"b":{"for":"b","x":1}}"#)
    }

    @Test func showsAPersonWithTwoConnectionsOnce() throws {
        let pond = try self.application()
        let watcher = try self.join(pond, "w")
        _ = watcher.receiveAll()
        let phone = try self.join(pond, "a")
        #expect(watcher.receiveAll().map(\.event) == ["JOIN"])
        let laptop = try self.join(pond, "a")
        #expect(watcher.receiveAll().isEmpty)
        phone.abort()
        #expect(watcher.receiveAll().isEmpty)
        laptop.abort()
        let leave = watcher.receiveAll()
        #expect(leave.map(\.event) == ["LEAVE"])
        #expect(leave.first?.payload["presence"]?.array?.count == 1)
    }

    @Test func givesChangesAloneToWhoAsksForThem() throws {
        let pond = try self.application()
        let old = try self.join(pond, "a")
        _ = old.receiveAll()
        let new = try pond.test.connect("/socket?id=n")
        new.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: "/room",
                requestId: "j",
                payload: ["name": "n"],
                wantsPresenceDeltas: true
            )
        )
        let first = new.receiveAll()
        #expect(first.map(\.event) == ["ACKNOWLEDGE", "STATE", "JOIN"])
        #expect(first[1].payload.description == #"{"presence":[{"id":"a","presence":{"name":"a"}}]}"#)
        #expect(first[2].payload.description == #"{"id":"n","changed":{"name":"n"}}"#)
        #expect(old.receiveAll().first?.payload["presence"]?.array?.count == 2)
        old.abort()
        #expect(new.receiveAll().map(\.payload.description) == [#"{"id":"a","changed":{"name":"a"}}"#])
    }

    @Test func aFurtherConnectionOfSomeoneWhoIsThereSeesWhoIsThere() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        _ = try endpoint.createChannel("/room/:id") { context in
            context.accept()
            try context.track(["id": .string(context.user.id)])
        }
        let sessions = try ["ann", "bob", "bob"].map { try pond.test.connect("/socket?id=\($0)") }
        for session in sessions[..<2] { session.join("/room/1") }
        for session in sessions { _ = session.receiveAll() }
        sessions[2].join("/room/1")
        let heard = sessions[2].receiveAll()
        #expect(heard.map(\.event) == ["ACKNOWLEDGE", "JOIN"])
        #expect(heard.last?.payload == ["presence": [["id": "ann"], ["id": "bob"]], "changed": ["id": "bob"]])
        #expect(sessions[0].receiveAll().isEmpty && sessions[1].receiveAll().isEmpty, "nobody else has news")
    }
}
