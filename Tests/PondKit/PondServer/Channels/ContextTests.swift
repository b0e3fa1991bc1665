import PondKit
import PondTesting
import Testing

/// What handlers can ask their contexts, beyond what answers a client.
@Suite struct ContextTests {
    private func quiet() -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.sessionGrace = .zero
        return PondSocket(options: options.onTestCarrier)
    }

    @Test func stepsBeforeTheHandlerLayUpAssignsAndSeeWhatWasDecided() throws {
        let pond = self.quiet()
        let seen = Lock<[String]>([])
        let endpoint = try pond.createEndpoint("/socket") { context in
            if context.query["bad"] != nil { return context.decline(403, "no") }
            #expect(context.assigns == ["role": "guest", "plan": "free"])
            context.accept(assigns: ["plan": "paid"], userId: "ann")
        }
        endpoint.use(
            Middleware<ConnectionContext> { context, next in
                #expect(!context.isAccepted && !context.isDeclined && context.userId == nil)
                context.assign(["role": "guest", "plan": "free"])
                try next()
                seen.withLock { $0.append("\(context.isAccepted) \(context.isDeclined) \(context.userId ?? "-")") }
                context.assign(["late": true])
            }
        )
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("me") { $0.reply("me", Payload($0.assigns)) }
        let session = try pond.test.connect("/socket")
        session.join("/room/1")
        session.send("/room/1", "me")
        #expect(session.receiveAll().last?.payload == ["role": "guest", "plan": "paid", "late": true])
        #expect(throws: PondError.self) { try pond.test.connect("/socket?bad=1") }
        #expect(seen.withLock { $0 } == ["true false ann", "false true -"])
    }

    @Test func aDecisionThatComesTooLateChangesNothing() throws {
        let pond = self.quiet()
        let endpoint = try pond.createEndpoint("/socket") { context in
            context.accept(assigns: ["n": 1], userId: "first")
            context.accept(assigns: ["n": 2], userId: "second")
            context.decline(403, "no")
        }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("me") { $0.reply("me", Payload($0.assigns)) }
        let session = try pond.test.connect("/socket")
        #expect(session.userId == "first")
        session.join("/room/1")
        session.send("/room/1", "me")
        #expect(session.receiveAll().last?.payload == ["n": 1])
    }

    @Test func anEventKnowsItsQueryAndWhetherItWasAnswered() throws {
        let pond = self.quiet()
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        let replied = Lock<[Bool]>([])
        try lobby.onMessage("game/:move") { context in
            replied.withLock { $0.append(context.hasReplied) }
            context.reply(
                "moved",
                [
                    "move": .string(context.params["move"] ?? ""),
                    "fast": .bool(context.query["fast"] == ["1", "2"]),
                ]
            )
            replied.withLock { $0.append(context.hasReplied) }
        }
        let session = try pond.test.connect("/socket")
        session.join("/room/1")
        session.send("/room/1", "game/left?fast=1&fast=2")
        #expect(session.receiveAll().last?.payload == ["move": "left", "fast": true])
        #expect(replied.withLock { $0 } == [false, true])
    }

    @Test func anOutgoingHandlerKnowsItsPlaceAndWhetherItChangedAnything() throws {
        let pond = self.quiet()
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/files/*") { $0.accept() }
        try lobby.onMessage("*") { $0.broadcast($0.eventName, $0.payload) }
        let seen = Lock<[String]>([])
        lobby.use(
            Middleware<OutgoingContext> { context, next in
                try next()
                seen.withLock { $0.append("\(context.hasTransformed)") }
            }
        )
        try lobby.onOutgoing("note/*") { context in
            seen.withLock {
                $0.append(
                    "\(context.channelWildcard ?? "-") \(context.channelQuery["v"] ?? []) \(context.wildcard ?? "-")"
                )
            }
            if context.wildcard == "loud" { context.transform(["text": "LOUD"]) }
        }
        let session = try pond.test.connect("/socket")
        session.join("/files/a/b?v=1")
        _ = session.receiveAll()
        session.send("/files/a/b?v=1", "note/soft")
        session.send("/files/a/b?v=1", "note/loud")
        #expect(session.receiveAll().map { $0.payload["text"] } == [nil, "LOUD"])
        #expect(seen.withLock { $0 } == [#"a/b ["1"] soft"#, "false", #"a/b ["1"] loud"#, "true"])
    }

    @Test func aLeaveHandlerSeesWhoRemainsAndTellsSomeOfThem() throws {
        let pond = self.quiet()
        let endpoint = try pond.createEndpoint("/socket") { context in
            context.accept(
                assigns: ["rank": .string(context.query["rank"]?.first ?? "")],
                userId: context.query["id"]?.first
            )
        }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            context.accept()
            if context.user.id != "ghost" { try context.track(["id": .string(context.user.id)]) }
        }
        let seen = Lock<[String]>([])
        lobby.onLeave { context in
            let chiefs = context.allAssigns.filter { $0.value["rank"] == "chief" }.map(\.key)
            seen.withLock { seen in
                seen.append(context.allPresence.keys.sorted().joined(separator: ","))
                seen.append(context.users.map(\.id).sorted().joined(separator: ","))
                seen.append(context.channelQuery["q"]?.first ?? "-")
                seen.append(context.handle.name)
            }
            context.broadcastTo(chiefs, "gone", ["id": .string(context.user.id)])
            context.broadcast("twice")
        }
        let members = try ["ann&rank=chief", "bob", "ghost", "eve"].map { try pond.test.connect("/socket?id=\($0)") }
        for member in members { member.join("/room/1?q=7") }
        for member in members { _ = member.receiveAll() }
        members[3].leave("/room/1?q=7")
        #expect(members[0].receiveAll().map(\.event) == ["LEAVE", "gone"])
        #expect(members[1].receiveAll().map(\.event) == ["LEAVE"])
        #expect(members[2].receiveAll().isEmpty)
        #expect(seen.withLock { $0 } == ["ann,bob", "ann,bob,ghost", "7", "/room/1?q=7"])
    }

    @Test func upsertTracksWhoIsNotTrackedAndUpdatesWhoIs() throws {
        let pond = self.quiet()
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("show") { context in
            try context.upsertPresence(context.payload.json.object ?? [:], for: context.payload["id"]?.string)
        }
        let ann = try pond.test.connect("/socket?id=ann")
        let bob = try pond.test.connect("/socket?id=bob")
        for member in [ann, bob] {
            member.join("/room/1")
            _ = member.receiveAll()
        }
        ann.send("/room/1", "show", ["n": 1])
        ann.send("/room/1", "show", ["n": 2])
        ann.send("/room/1", "show", ["n": 3, "id": "bob"])
        ann.send("/room/1", "show", ["n": 4, "id": "nobody"])
        #expect(ann.receiveAll().map(\.event) == ["JOIN", "UPDATE", "JOIN", "PRESENCE_ERROR"])
        #expect(bob.receiveAll().map { $0.payload["presence"]?.array?.count } == [2])
    }
}
