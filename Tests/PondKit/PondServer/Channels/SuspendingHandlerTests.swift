import PondKit
import PondTesting
import Testing

@Suite struct SuspendingHandlerTests {
    private func application(_ gate: Gate, _ configure: (inout PondOptions) -> Void = { _ in }) throws -> PondSocket {
        var options = PondOptions()
        options.limits.sessionGrace = .zero
        options.log = SilentLog()
        configure(&options)
        let pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") {
            $0.accept(assigns: ["name": .string($0.query["n"]?.first ?? "")])
        }
        let lobby = try endpoint.createChannel("/room/:id") { context in
            if context.joinParams["wait"] == true { await gate.wait() }
            if context.joinParams["refuse"] == true { return context.decline(403, "no") }
            context.accept()
            try context.track(["name": context.assigns["name"] ?? nil])
        }
        try lobby.onMessage("slow") { context in
            await gate.wait()
            context.reply("slow", context.payload)
        }
        try lobby.onMessage("fails") { _ in
            await gate.wait()
            throw PondError.forbidden("not you")
        }
        try lobby.onMessage("fast") { $0.reply("fast", $0.payload) }
        try lobby.onMessage("all") { $0.broadcast("all", $0.payload) }
        return pond
    }

    @Test func holdsBackOnlyTheSameConnectionOnTheSameChannel() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        for channel in ["/room/1", "/room/2"] {
            alice.join(channel)
            bob.join(channel)
        }
        _ = (alice.receiveAll(), bob.receiveAll())
        alice.send("/room/1", "slow", ["n": 1])
        alice.send("/room/1", "fast", ["n": 2])
        alice.send("/room/2", "fast", ["n": 3])
        bob.send("/room/1", "fast", ["n": 4])
        #expect(alice.receiveAll().map { $0.payload["n"] } == [3])
        #expect(bob.receiveAll().map { $0.payload["n"] } == [4])
        gate.open()
        #expect(alice.receiveAll().map { $0.payload["n"] } == [1, 2])
    }

    @Test func answersEverythingOfManyWhoSendAtOnce() async throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room") { $0.accept() }
        try lobby.onMessage("mixed") { context in
            // Some suspend, some do not, some fail: tasks that run handlers are parked and woken all the time.
            let number = context.payload["n"]?.int ?? 0
            if number % 3 == 0 { await Task.yield() }
            if number % 2 == 0 { throw PondError.forbidden("even") }
            context.reply("odd")
        }
        let driver = pond.test
        let members = try (0..<8).map { _ in try driver.connect("/socket") }
        for member in members { member.join("/room") }
        for member in members { _ = member.receiveAll() }
        for number in 0..<200 { for member in members { member.send("/room", "mixed", ["n": .int(Int64(number))]) } }
        for member in members {
            var answers = 0
            while answers < 200, let answer = await member.nextMessage() {
                if answer.event == "odd" || answer.action == .error { answers += 1 }
            }
            #expect(answers == 200)
        }
    }

    @Test func handlesWhatWaitsInOrderAlsoAfterAFailure() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        alice.join("/room/1")
        _ = alice.receiveAll()
        alice.send("/room/1", "slow", ["n": 1])
        alice.send("/room/1", "fails")
        alice.send("/room/1", "slow", ["n": 2])
        alice.leave("/room/1")
        alice.send("/room/1", "fast")
        #expect(alice.receiveAll().isEmpty)
        gate.openOnce()
        #expect(alice.receiveAll().map(\.event) == ["slow"])
        gate.openOnce()
        let failure = alice.receiveAll()
        #expect(failure.map(\.event) == ["CHANNEL_ERROR"])
        #expect(failure.first?.payload["message"] == "not you")
        #expect(failure.first?.payload["status"] == 403)
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["slow", "EXIT_ACKNOWLEDGE", "NOT_FOUND"])
    }

    @Test func queuesMessagesBehindAJoinThatSuspends() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        alice.join("/room/1", ["wait": true])
        alice.send("/room/1", "fast")
        #expect(alice.receiveAll().isEmpty)
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN", "fast"])
    }

    @Test func answersNotFoundBehindAJoinThatIsDeclined() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        alice.join("/room/1", ["wait": true, "refuse": true])
        alice.send("/room/1", "fast")
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["UNAUTHORIZED", "NOT_FOUND"])
        #expect(pond.channelCount == 0)
    }

    @Test func forgetsAJoinWhoseConnectionEndsMeanwhile() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        bob.join("/room/1")
        _ = bob.receiveAll()
        alice.join("/room/1", ["wait": true])
        pond.test.run()
        alice.abort()
        pond.test.run()
        gate.open()
        #expect(bob.receiveAll().isEmpty)
        #expect(pond.connectionCount == 1)
    }

    @Test func joinsAChannelThatWasDestroyedWhileTheHandlerWaited() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        bob.join("/room/1")
        alice.join("/room/1", ["wait": true])
        pond.test.run()
        bob.leave("/room/1")
        pond.test.run()
        #expect(pond.channelCount == 0)
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN"])
        #expect(pond.channelCount == 1)
        alice.send("/room/1", "all")
        #expect(alice.receiveAll().map(\.event) == ["all"])
    }

    @Test func handlesWhatWasSentBeforeTheEndOfTheConnection() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        bob.join("/room/1")
        alice.join("/room/1")
        _ = bob.receiveAll()
        alice.send("/room/1", "slow")
        alice.send("/room/1", "all", ["n": 1])
        alice.close()
        #expect(bob.receiveAll().isEmpty)
        gate.open()
        #expect(bob.receiveAll().map(\.event) == ["all", "LEAVE"])
    }

    @Test func removesAMemberWhoseHandlerNeverAnswersSoonAfterItsConnectionEnded() throws {
        let gate = Gate()
        let pond = try self.application(gate)
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        bob.join("/room/1")
        alice.join("/room/1")
        _ = bob.receiveAll()
        alice.send("/room/1", "slow")
        alice.abort()
        pond.test.run()
        pond.test.advance(by: pond.options.limits.closeTime)
        #expect(bob.receiveAll().map(\.event) == ["LEAVE"])
        bob.send("/room/1", "fast")
        #expect(bob.receiveAll().map(\.event) == ["fast"])
        gate.open()
        #expect(bob.receiveAll().isEmpty)
    }

    @Test func boundsWhatWaitsBehindAHandlerWhileOthersAreServed() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.limits.pendingMessagesPerMember = 3 }
        let alice = try pond.test.connect("/socket")
        let bob = try pond.test.connect("/socket")
        for session in [alice, bob] { session.join("/room/1") }
        _ = (alice.receiveAll(), bob.receiveAll())
        alice.send("/room/1", "slow")
        for _ in 0..<5 { alice.send("/room/1", "fast") }
        let refused = alice.receiveAll()
        #expect(refused.map(\.event) == ["CHANNEL_ERROR", "CHANNEL_ERROR"])
        #expect(refused.allSatisfy { $0.payload["status"] == 429 })
        bob.send("/room/1", "fast")
        #expect(bob.receiveAll().map(\.event) == ["fast"])
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["slow", "fast", "fast", "fast"])
    }

    @Test func boundsWhatWaitsOfOneConnectionInAllItsChannels() throws {
        let gate = Gate()
        let pond = try self.application(gate) { $0.limits.inFlightRequests = 2 }
        let alice = try pond.test.connect("/socket")
        for index in 1...3 {
            alice.join("/room/\(index)")
            _ = alice.receiveAll()
        }
        for index in 1...3 { alice.send("/room/\(index)", "slow") }
        let refused = alice.receiveAll().filter { $0.event == "CHANNEL_ERROR" }
        #expect(refused.map(\.channelName) == ["/room/3"])
        #expect(refused.first?.payload["status"] == 429)
        for index in 1...3 { alice.send("/room/\(index)", "fast") }
        #expect(alice.receiveAll().map(\.event).sorted() == ["CHANNEL_ERROR", "CHANNEL_ERROR", "fast"])
        gate.open()
        #expect(alice.receiveAll().map(\.event) == ["slow", "slow"])
        alice.send("/room/1", "fast")
        #expect(alice.receiveAll().map(\.event) == ["fast"])
    }

    @Test func letsAConnectionHandlerSuspend() throws {
        let gate = Gate()
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        _ = try pond.createEndpoint("/socket") { context in
            await gate.wait()
            context.accept(userId: "late")
        }
        gate.open()
        #expect(try pond.test.connect("/socket").userId == "late")
    }

    @Test func comesBackToTheLoopAfterWorkElsewhere() async throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room") { $0.accept() }
        try lobby.onMessage("add") { context in
            let sum = await Elsewhere().sum(context.payload["n"]?.int ?? 0)
            context.reply("sum", ["n": .int(Int64(sum))])
        }
        let alice = try pond.test.connect("/socket")
        alice.join("/room")
        _ = alice.receiveAll()
        alice.send("/room", "add", ["n": 4])
        #expect(await alice.nextMessage()?.payload["n"] == 10)
    }

    private actor Elsewhere {
        func sum(_ n: Int) -> Int { (0...n).reduce(0, +) }
    }
}
