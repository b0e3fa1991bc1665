import PondKit
import PondTesting
import Testing

/// What `connected`, `joined`, `deliver` and `sendForResponse` tell their callers.
@Suite(.timeLimit(.minutes(1))) struct ClientCallTests {
    @Test func aRequestBeforeTheJoinSaysSoAtOnce() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        let errors = Seen<PondError>()
        Task { do throws(PondError) { _ = try await channel.sendForResponse("ping") } catch { errors.add(error) } }
        Task { do throws(PondError) { try await channel.deliver("message") } catch { errors.add(error) } }
        while errors.values.count < 2 {
            await Task.yield()
            stage.run()
        }
        #expect(errors.values.map(\.message) == Array(repeating: "not joined: call join() first", count: 2))
        #expect(errors.values.map(\.channel) == ["/chat/1", "/chat/1"])
        #expect(stage.clock.now() == .zero)
        #expect(channel.outbox.isEmpty)
    }

    @Test func aRequestThatWasNotSentInTimeSaysWhy() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        stage.cut()
        let errors = Seen<PondError>()
        Task { do throws(PondError) { _ = try await channel.sendForResponse("ping") } catch { errors.add(error) } }
        while errors.values.isEmpty {
            await Task.yield()
            stage.advance(by: .seconds(5))
        }
        #expect(errors.values.map(\.kind) == [.timeout])
        #expect(errors.values.map(\.message) == ["Not sent in time: connection lost, rejoins when connected"])
    }

    @Test func joinsAndConnectsWhereTheProgramForgotTo() async throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        let task = Task { try await channel.joined() }
        while stage.connector.attempts.isEmpty {
            await Task.yield()
            stage.run()
        }
        stage.open()
        stage.greet()
        stage.acknowledge()
        try await task.value
        #expect(channel.state == .joined)
    }

    @Test func connectsWhereTheProgramForgotToButNotAfterDisconnect() async throws {
        let stage = try ClientStage()
        let task = Task { try await stage.client.connected() }
        while stage.connector.attempts.isEmpty {
            await Task.yield()
            stage.run()
        }
        stage.open()
        stage.greet()
        try await task.value
        stage.client.disconnect()
        let codes = Seen<Int>()
        Task { do throws(PondError) { try await stage.client.connected() } catch { codes.add(error.code) } }
        while codes.values.isEmpty {
            await Task.yield()
            stage.run()
        }
        #expect(codes.values == [409])
        #expect(stage.connector.attempts.count == 1)
    }

    @Test func aReplyThatItsCallerGetsIsNotAmongTheMessages() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let messages = channel.messages
        let task = Task { try await channel.sendForResponse("ping") }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        let request = try #require(stage.take().first)
        stage.say(.system, "pong", "/chat/1", request.requestId, payload: ["n": 1])
        #expect(try await task.value == ["n": 1])
        try channel.sendMessage("ping")
        stage.run()
        let message = try #require(stage.take().first)
        stage.say(.system, "reply", "/chat/1", message.requestId)
        channel.leave()
        stage.run()
        var events: [String] = []
        for await message in messages { events.append(message.event) }
        #expect(events == ["reply"])
    }

    @Test(arguments: [false, true])
    func aFailedMessageWhoseCallerWasToldLeavesTheOutboxUnlessKept(keepsFailed: Bool) async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let task = Task { try await channel.deliver("1", keepsFailed: keepsFailed) }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        let sent = try #require(stage.take().first)
        stage.say(.error, "CHANNEL_ERROR", "/chat/1", sent.requestId, payload: ["status": 429, "message": "slow down"])
        await #expect(throws: PondError.self) { try await task.value }
        stage.run()
        #expect(channel.outbox.count == (keepsFailed ? 1 : 0))
        #expect(channel.status.failed == (keepsFailed ? 1 : 0))
        channel.retryMessage()
        stage.run()
        #expect(stage.take().map(\.event) == (keepsFailed ? ["1"] : []))
    }
}
