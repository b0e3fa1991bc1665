import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

/// One client makes work wait behind suspended handlers while another one is served.
@Suite struct WaitingWorkTests {
    private static let large = Payload(["text": .string(String(repeating: "x", count: 100_000))])

    private func application(_ gate: Gate, _ configure: (inout Limits) -> Void) throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.sessionGrace = .zero
        configure(&options.limits)
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("slow") { context in
            await gate.wait()
            context.reply("slow")
        }
        try lobby.onMessage("say") { $0.broadcast("say", $0.payload) }
        try lobby.onMessage("held") { $0.broadcast("held", $0.payload) }
        try lobby.onMessage("flood") { context in
            for _ in 0..<100 { context.broadcast("held", context.payload) }
        }
        try lobby.onMessage("echo") { $0.reply("echo", $0.payload) }
        try lobby.onOutgoing("held") { _ in await gate.wait() }
        return pond
    }

    private func bytes(_ pond: PondSocket) -> Int { pond.core.group.shards.reduce(0) { $0 + $1.work.total.bytes } }
    private func count(_ pond: PondSocket) -> Int { pond.core.group.shards.reduce(0) { $0 + $1.work.total.count } }

    private func isServed(_ session: PondTestSession, _ channel: String) -> Bool {
        let id = session.send(channel, "echo")
        return session.receiveAll().last?.requestId == id
    }

    /// Sends a large message and lets the server take it before the next one.
    private func send(_ session: PondTestSession, _ channel: String, _ event: String, on pond: PondSocket) {
        session.send(channel, event, Self.large)
        pond.test.run()
    }

    private func member(_ pond: PondSocket, _ id: String, _ channel: String) throws -> PondTestSession {
        let session = try pond.test.connect("/socket?id=\(id)")
        session.join(channel)
        _ = session.receiveAll()
        return session
    }

    @Test func boundsTheBytesThatWaitBehindASuspendedHandler() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.pendingBytesPerMember = 1_000_000 }
        let attacker = try self.member(pond, "a", "/room/1")
        let other = try self.member(pond, "b", "/room/1")
        for _ in 0..<200 { self.send(attacker, "/room/1", "slow", on: pond) }
        let refused = attacker.receiveAll()
        #expect(refused.count == 200 - 1 - 9)
        #expect(refused.allSatisfy { $0.event == "CHANNEL_ERROR" && $0.payload["status"] == 429 })
        #expect(refused.allSatisfy { $0.payload["retryAfter"] != nil })
        #expect(self.bytes(pond) <= 1_200_000)
        #expect(self.isServed(other, "/room/1"))
        // One entry always waits, and what was handled is released.
        for _ in 0..<100 {
            gate.openOnce()
            pond.test.run()
            attacker.send("/room/1", "slow", Self.large)
            #expect(self.bytes(pond) <= 1_200_000)
            #expect(self.isServed(other, "/room/1"))
        }
        _ = attacker.receiveAll()
        gate.open()
        #expect(attacker.receiveAll().count == 10)
        #expect(self.bytes(pond) == 0 && self.count(pond) == 0)
    }

    @Test func boundsTheBytesThatWaitOnOneLoopInManyChannels() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.pendingBytes = 2_000_000 }
        let attacker = try self.member(pond, "a", "/room/0")
        let other = try self.member(pond, "b", "/room/0")
        for room in 1..<40 {
            attacker.join("/room/\(room)")
            for _ in 0..<3 { self.send(attacker, "/room/\(room)", "slow", on: pond) }
        }
        #expect(attacker.receiveAll().filter { $0.payload["status"] == 429 }.count == 39 * 3 - 19)
        #expect(self.bytes(pond) <= 2_000_000)
        #expect(self.isServed(other, "/room/0"))
        attacker.abort()
        pond.test.advance(by: pond.options.limits.closeTime)
        gate.open()
        pond.test.run()
        #expect(self.bytes(pond) == 0 && self.count(pond) == 0)
    }

    @Test func boundsWhatWaitsForASlowOutgoingHandler() throws {
        let gate = Gate()
        let pond = try self.application(gate) { limits in
            limits.pendingBroadcastsPerChannel = 50
            limits.pendingBytesPerChannel = 1_000_000
        }
        let attacker = try self.member(pond, "a", "/room/1")
        let other = try self.member(pond, "b", "/room/2")
        for _ in 0..<200 { self.send(attacker, "/room/1", "held", on: pond) }
        let refused = attacker.receiveAll()
        #expect(refused.count == 190)
        #expect(refused.allSatisfy { $0.event == "CHANNEL_ERROR" && $0.payload["status"] == 429 })
        #expect(self.bytes(pond) <= 1_200_000)
        #expect(self.isServed(other, "/room/2"))
        // A join is answered while the channel's queue is full.
        let late = try pond.test.connect("/socket?id=late")
        late.join("/room/1")
        #expect(late.receiveAll().map(\.event) == ["ACKNOWLEDGE"])
        gate.open()
        #expect(attacker.receiveAll().map(\.event) == Array(repeating: "held", count: 10))
        #expect(late.receiveAll().isEmpty)
        #expect(self.bytes(pond) == 0 && self.count(pond) == 0)
        attacker.send("/room/1", "say")
        #expect(late.receiveAll().map(\.event) == ["say"])
        for _ in 0..<200 { attacker.send("/room/1", "say") }
        #expect(attacker.receiveAll().count == 201)
    }

    @Test func tellsTheSenderWhenTheBroadcastsOfOneHandlerAreTooMany() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.pendingBroadcastsPerChannel = 10 }
        let attacker = try self.member(pond, "a", "/room/1")
        let id = attacker.send("/room/1", "flood", ["n": 1])
        let answers = attacker.receiveAll()
        #expect(answers.map(\.requestId) == [id])
        #expect(answers.first?.payload["status"] == 429)
        #expect(self.count(pond) == 20)
        gate.open()
        #expect(attacker.receiveAll().count == 20)
    }

    @Test func aMessageRefusedWith429MayComeAgainUnderItsId() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.pendingBroadcastsPerChannel = 1 }
        let member = try self.member(pond, "a", "/room/1")
        member.send("/room/1", "held", ["n": 1])
        let again = ClientMessage(
            action: .broadcast,
            event: "say",
            channelName: "/room/1",
            requestId: "again",
            payload: ["n": 2],
            wantsAcknowledgement: true
        )
        member.send(again)
        #expect(member.receiveAll().map(\.event) == ["CHANNEL_ERROR"])
        gate.open()
        #expect(member.receiveAll().map(\.event) == ["held"])
        member.send(again)
        #expect(member.receiveAll().map(\.event).sorted() == ["DELIVERED", "say"])
    }

    @Test func boundsTheBytesOnTheirWayToAnotherLoop() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.pendingBytes = 1_000_000 }
        let driver = pond.test(shards: 2)
        let shards = pond.core.group.shards
        let home = try #require(shards.first)
        var taken = 0
        for _ in 0..<100 where home.take(100_000, {}) { taken += 1 }
        #expect(taken == 10)
        driver.run()
        let isTakenAgain = home.take(100_000) {}
        #expect(isTakenAgain)
        driver.run()
    }
}
