import PondKit
import PondTesting
import Testing

@Suite struct SuspendingOutgoingTests {
    private func application(_ gate: Gate, history: Bool = false) throws -> PondSocket {
        var options = PondOptions()
        options.log = SilentLog()
        options.limits.sessionGrace = .zero
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept(userId: $0.query["id"]?.first) }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            context.accept()
            try context.track(["id": .string(context.user.id)])
        }
        if history { lobby.keepHistory() }
        try lobby.onMessage("*") { context in
            if context.eventName == "ask" { return context.reply("held", context.payload) }
            context.broadcast(context.eventName, context.payload)
        }
        try lobby.onOutgoing("held") { context in
            await gate.wait()
            if context.payload["not"] == .string(context.user.id) { context.block() }
            if context.payload["fail"] == .string(context.user.id) { throw PondError.internalError("no") }
        }
        return pond
    }

    private func join(_ pond: PondSocket, _ ids: [String]) throws -> [PondTestSession] {
        let members = try ids.map { try pond.test.connect("/socket?id=\($0)") }
        for member in members { member.join("/room/1") }
        for member in members { _ = member.receiveAll() }
        return members
    }

    @Test func keepsEverythingBehindItInOrder() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let members = try self.join(pond, ["a", "b"])
        members[0].send("/room/1", "plain", ["n": 1])
        members[0].send("/room/1", "held", ["n": 2])
        members[0].send("/room/1", "plain", ["n": 3])
        members[1].send("/room/1", "ask", ["n": 4])
        members[0].send("/room/1", "held", ["n": 5])
        members[0].send("/room/1", "plain", ["n": 6])
        for member in members { #expect(member.receiveAll().map { $0.payload["n"] } == [1]) }
        let late = try pond.test.connect("/socket?id=late")
        late.join("/room/1")
        #expect(late.receiveAll().map(\.event) == ["ACKNOWLEDGE"], "the answer waits for no outgoing handler")
        gate.open()
        #expect(members[0].receiveAll().map(\.event) == ["held", "plain", "held", "plain", "JOIN"])
        #expect(members[1].receiveAll().map { $0.payload["n"] } == [2, 3, 4, 5, 6, nil])
        #expect(late.receiveAll().map(\.event) == ["JOIN"], "nothing that was sent before it joined")
        members[0].send("/room/1", "plain", ["n": 7])
        for member in members + [late] { #expect(member.receiveAll().map { $0.payload["n"] } == [7]) }
    }

    @Test func looksAtEachRecipientAlone() throws {
        let gate = Gate()
        gate.open()
        let pond = try self.application(gate)
        let members = try self.join(pond, ["a", "b", "c"])
        members[0].send("/room/1", "held", ["not": "a", "fail": "b"])
        #expect(members.map { $0.receiveAll().map(\.event) } == [[], [], ["held"]])
    }

    @Test func goesOnWhenItNeverEndsOrItsRecipientLeaves() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let members = try self.join(pond, ["a", "b"])
        members[0].send("/room/1", "held")
        members[0].send("/room/1", "plain")
        members[1].leave("/room/1")
        #expect(members[1].receiveAll().map(\.event) == ["EXIT_ACKNOWLEDGE"])
        for _ in 1...3 { pond.test.advance(by: .seconds(10)) }
        #expect(members[0].receiveAll().map(\.event) == ["plain", "LEAVE"])
        gate.open()
        #expect(members[0].receiveAll().isEmpty, "what comes too late is not sent")
    }

    @Test func sendsNothingThatWaitedToAMemberThatJoinedAndLeftMeanwhile() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let members = try self.join(pond, ["a"])
        members[0].send("/room/1", "held")
        let late = try pond.test.connect("/socket?id=late")
        late.join("/room/1")
        late.leave("/room/1")
        gate.open()
        #expect(late.receiveAll().map(\.event) == ["ACKNOWLEDGE", "EXIT_ACKNOWLEDGE"])
        members[0].send("/room/1", "plain")
        #expect(late.receiveAll().isEmpty)
        #expect(members[0].receiveAll().map(\.event) == ["held", "JOIN", "LEAVE", "plain"])
    }

    @Test func isRunByMiddlewareThatSuspendsToo() throws {
        let gate = Gate()
        gate.open()
        let pond = try self.application(gate)
        let lobby = try #require(pond.endpoint("/socket")?.lobbies.first)
        lobby.use(
            Middleware<OutgoingContext> { context, next in
                guard context.payload["secret"] == nil else { return context.block() }
                try await next()
            }
        )
        let members = try self.join(pond, ["a"])
        members[0].send("/room/1", "held", ["secret": true])
        members[0].send("/room/1", "held", ["n": 1])
        #expect(members[0].receiveAll().map { $0.payload["n"] } == [1])
    }

    @Test func saysThatWhatItLooksAtCannotBeRecovered() throws {
        let gate = Gate()
        gate.open()
        let pond = try self.application(gate, history: true)
        let members = try self.join(pond, ["a"])
        members[0].send("/room/1", "plain")
        members[0].send("/room/1", "held")
        let frames = members[0].receiveAll()
        #expect(frames.map(\.offset) == [1, 2])
        members[0].leave("/room/1")
        members[0].join("/room/1")
        let epoch = try #require(members[0].receiveAll().last { $0.event == "ACKNOWLEDGE" }?.payload["epoch"]?.string)
        for (offset, recovered) in [(0, false), (2, true)] as [(UInt64, Bool)] {
            members[0].send(
                ClientMessage(
                    action: .joinChannel,
                    event: "JOIN_CHANNEL",
                    channelName: "/room/1",
                    requestId: "j",
                    recover: StreamPosition(epoch: epoch, offset: offset)
                )
            )
            #expect(members[0].receiveAll().first?.payload["recovered"]?.bool == recovered)
        }
    }
}
