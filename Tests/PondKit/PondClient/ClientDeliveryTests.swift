import PondKit
import PondTesting
import Testing

@Suite struct ClientDeliveryTests {
    static let numbered: JSON = ["epoch": "e", "offset": 5]

    @Test func queuesUntilJoinedAndSendsInOrder() throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        for text in ["1", "2"] { try channel.sendMessage(text) }
        stage.connect()
        channel.join()
        stage.run()
        try channel.sendMessage("3")
        stage.run()
        #expect(channel.status.queued == 3)
        stage.acknowledge()
        #expect(stage.take().map(\.event) == ["1", "2", "3"])
        #expect(channel.status.sending == 3)
        #expect(channel.status.queued == 0)
    }
    @Test func showsTheNewStateBeforeItTellsWhoeverWaits() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let log = Seen<ChannelState>()
        channel.onOutboxChange { [unowned channel] _ in log.add(channel.state) }
        try channel.sendMessage("1")
        stage.run()
        stage.cut()
        #expect(log.values.last == .stalled)
        channel.leave()
        stage.run()
        let declined = stage.client.createChannel("/chat/2")
        declined.onOutboxChange { [unowned declined] _ in log.add(declined.state) }
        stage.comeBack()
        declined.join()
        try declined.sendMessage("2")
        stage.run()
        let join = try #require(stage.take().last)
        stage.say(.system, "UNAUTHORIZED", "/chat/2", join.requestId)
        #expect(log.values.last == .declined)
    }

    @Test func reportsWhatAFullQueueDrops() throws {
        let stage = try ClientStage { $0.queueCapacity = 2 }
        let channel = stage.client.createChannel("/chat/1")
        let log = Seen<String>()
        channel.onOutboxChange { log.add("\($0.event) \($0.state == .queued ? "queued" : "failed")") }
        for text in ["1", "2", "3"] { try channel.sendMessage(text) }
        stage.run()
        #expect(log.values == ["1 queued", "2 queued", "3 queued", "1 failed"])
        #expect(channel.status.queued == 2)
        #expect(channel.status.failed == 1)
    }

    @Test func keepsAMessageUntilItIsDeliveredAndSendsItAgainUnderTheSameId() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let log = Seen<String>()
        channel.onOutboxChange { log.add("\($0.event) \($0.state)") }
        for text in ["1", "2", "3"] { try channel.sendMessage(text) }
        stage.run()
        let sent = stage.take()
        #expect(sent.allSatisfy { $0.wantsAcknowledgement })
        stage.say(.system, "DELIVERED", "/chat/1", sent[0].requestId)
        stage.cut()
        try channel.sendMessage("4")
        stage.run()
        #expect(channel.outbox.map(\.state) == [.queued, .queued, .queued])
        stage.comeBack()
        stage.acknowledge()
        let again = stage.take()
        #expect(again.map(\.event) == ["2", "3", "4"])
        #expect(again.prefix(2).map(\.requestId) == sent.dropFirst().map(\.requestId))
        for message in again { stage.say(.system, "DELIVERED", "/chat/1", message.requestId) }
        #expect(channel.outbox.isEmpty)
        #expect(log.values.filter { $0.hasSuffix("delivered") }.count == 4)
    }

    @Test func keepsAMessageThatTheServerRefusesForARetry() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let id = try channel.sendMessage("1")
        stage.run()
        let sent = try #require(stage.take().first)
        let payload: JSON = ["code": "CHANNEL_ERROR", "message": "slow down", "status": 429, "retryAfter": 7]
        stage.say(.error, "CHANNEL_ERROR", "/chat/1", sent.requestId, payload: payload)
        #expect(channel.status.failed == 1)
        guard case .failed(let error) = channel.outbox.first?.state else {
            Issue.record("\(channel.outbox)")
            return
        }
        #expect(error.kind == .rateLimited)
        #expect(error.retryAfter == 7)
        channel.retryMessage(id)
        stage.run()
        let again = try #require(stage.take().first)
        #expect(again.requestId != sent.requestId)
        stage.say(.system, "DELIVERED", "/chat/1", again.requestId)
        #expect(channel.outbox.isEmpty)
    }

    @Test func dropsWhatTheProgramGivesUp() throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        let id = try channel.sendMessage("1")
        for text in ["2", "3"] { try channel.sendMessage(text) }
        channel.dropMessage(id)
        stage.run()
        #expect(channel.outbox.map(\.event) == ["2", "3"])
        channel.dropMessage()
        stage.run()
        #expect(channel.outbox.isEmpty)
    }

    @Test func waitsForTheServerToHaveHandledIt() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let task = Task { try await channel.deliver("1") }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        let sent = try #require(stage.take().first)
        stage.reconnect()
        stage.acknowledge()
        #expect(stage.take().map(\.requestId) == [sent.requestId])
        stage.say(.system, "DELIVERED", "/chat/1", sent.requestId)
        try await task.value
    }

    @Test func recoversWhatItMissedAndSeesNothingTwice() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join(answer: Self.numbered)
        let seen = Seen<UInt64>()
        let recoveries = Seen<RecoveryEvent>()
        channel.onMessage { seen.add($0.offset ?? 0) }
        channel.onRecovery { recoveries.add($0) }
        for offset: UInt64 in [6, 7] { stage.say(.broadcast, "message", "/chat/1", offset: offset) }
        stage.cut()
        stage.comeBack()
        // A live one before the answer to the join would hide the gap before it.
        stage.say(.broadcast, "message", "/chat/1", offset: 10)
        let join = try #require(
            stage.acknowledge(answer: ["epoch": "e", "offset": 10, "recovered": true, "replayed": 2])
        )
        #expect(join.recover == StreamPosition(epoch: "e", offset: 7))
        for offset: UInt64 in [8, 10, 10, 7, 11] { stage.say(.broadcast, "message", "/chat/1", offset: offset) }
        #expect(seen.values == [6, 7, 8, 10, 11])
        #expect(recoveries.values == [.recovered(2)])
    }

    @Test func saysSoWhenWhatItMissedIsGone() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join(answer: Self.numbered)
        let recoveries = Seen<RecoveryEvent>()
        channel.onRecovery { recoveries.add($0) }
        let seen = Seen<UInt64>()
        channel.onMessage { seen.add($0.offset ?? 0) }
        stage.reconnect()
        stage.acknowledge(answer: ["epoch": "other", "offset": 2, "recovered": false])
        #expect(recoveries.values == [.resyncRequired])
        for offset: UInt64 in [2, 3] { stage.say(.broadcast, "message", "/chat/1", offset: offset) }
        #expect(seen.values == [3])
    }

    static func ask(
        _ stage: ClientStage,
        _ channel: ClientChannel,
        then act: (ClientMessage) async throws -> Void
    ) async throws -> Result<Payload, PondError> {
        let task = Task { () -> Result<Payload, PondError> in
            do throws(PondError) {
                return .success(try await channel.sendForResponse("ping", ["n": 1]))
            } catch {
                return .failure(error)
            }
        }
        while stage.transport?.sent.isEmpty == true {
            await Task.yield()
            stage.run()
        }
        try await act(try #require(stage.take().first))
        stage.run()
        return await task.value
    }

    @Test func answersARequestByItsIdAlone() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let answer = try await Self.ask(stage, channel) { request in
            stage.say(.system, "pong", "/chat/1", "another")
            stage.say(.system, "pong", "/chat/1", request.requestId, payload: ["n": 2])
        }
        #expect(try answer.get() == ["n": 2])
    }

    @Test(arguments: [
        (ServerAction.error, "HANDLER_NOT_FOUND", "/chat/1", 404), (.system, "NOT_FOUND", "/chat/1", 404),
        (.error, "INVALID_MESSAGE", "GATEWAY", 400), (.error, "INTERNAL_SERVER_ERROR", "/chat/1", 500),
    ])
    func throwsTheServersError(action: ServerAction, event: String, name: String, code: Int) async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let answer = try await Self.ask(stage, channel) { request in
            stage.say(
                action,
                event,
                name,
                request.requestId,
                payload: ["status": JSON.int(Int64(code)), "message": "no"]
            )
        }
        guard case .failure(let error) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(error.code == code)
        #expect(error.message == "no")
        #expect(channel.state == .joined)
    }

    @Test func givesUpARequestInTimeAndNeverSendsItLater() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let answer = try await Self.ask(stage, channel) { _ in
            stage.cut()
            stage.advance(by: .seconds(5))
        }
        guard case .failure(let error) = answer else { return }
        #expect(error.kind == .timeout)
        #expect(channel.outbox.isEmpty)
    }

    enum End: CaseIterable {
        case leave, disconnect, evicted, linkOfAFirstVersionServer
    }

    @Test(arguments: End.allCases)
    func failsARequestAtOnceWhenItCannotBeAnsweredAnyMore(end: End) async throws {
        let stage = try ClientStage()
        let isFirst = end == .linkOfAFirstVersionServer
        stage.connect(greeting: isFirst ? ClientStage.firstVersion : ClientStage.secondVersion)
        let channel = stage.join()
        let answer = try await Self.ask(stage, channel) { _ in
            switch end {
            case .leave: channel.leave()
            case .disconnect: stage.client.disconnect()
            case .evicted: stage.say(.system, "EVICTED", "/chat/1")
            case .linkOfAFirstVersionServer: stage.cut()
            }
        }
        guard case .failure = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(stage.clock.now() == .zero)
    }

    @Test func answersARequestAfterAReconnect() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let answer = try await Self.ask(stage, channel) { request in
            stage.reconnect()
            stage.acknowledge()
            #expect(stage.take().map(\.requestId) == [request.requestId])
            stage.say(.system, "pong", "/chat/1", request.requestId, payload: ["n": 3])
        }
        #expect(try answer.get() == ["n": 3])
    }

    @Test func givesMessagesToATaskInOrderAndEndsWithTheChannel() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let messages = channel.messages
        for index in 0..<100 { stage.say(.broadcast, "\(index)", "/chat/1") }
        channel.leave()
        stage.run()
        var events: [String] = []
        for await message in messages { events.append(message.event) }
        #expect(events == (0..<100).map(String.init))
    }

    @Test func countsWhatASlowTaskDoesNotTake() async throws {
        let stage = try ClientStage { $0.sequenceCapacity = 3 }
        stage.connect()
        let channel = stage.join()
        let messages = channel.messages
        for index in 0..<10 { stage.say(.broadcast, "\(index)", "/chat/1") }
        #expect(messages.droppedCount == 7)
        channel.leave()
        stage.run()
        var events: [String] = []
        for await message in messages { events.append(message.event) }
        #expect(events == ["7", "8", "9"])
    }

    @Test func endsASequenceWhenItsTaskIsCancelled() async throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        let task = Task {
            for await _ in channel.messages {}
            return true
        }
        task.cancel()
        #expect(await task.value)
    }

    /// Whatever a server says, in whatever order, the client neither traps nor hangs.
    @Test func survivesEverythingAServerCanSay() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let stage = try ClientStage()
        stage.connect()
        var channel = stage.join()
        let payloads: [JSON] = [
            [:], nil, 7, "x", [], ["presence": [["id": 1]], "changed": nil], ["epoch": 1, "offset": -1],
            ["epoch": "e", "offset": 3, "recovered": true, "replayed": -7], ["after": -1], ["after": 1e300],
            ["status": 1e99, "message": [1]], ["pond": ["v": "x"]], ["presence": ["a", 1, nil]],
            ["id": "u", "changed": 1],
        ]
        let events =
            SystemEvent.allCases.map(\.rawValue) + PresenceEvent.allCases.map(\.rawValue)
            + ErrorType.allCases.map(\.rawValue) + ["message", ""]
        for _ in 0..<5_000 {
            let ids = ["", "x"] + (stage.transport?.sent.suffix(3).map(\.requestId) ?? [])
            stage.say(
                ServerAction.allCases.randomElement(using: &random) ?? .system,
                events.randomElement(using: &random) ?? "",
                ["/chat/1", "GATEWAY", "", "/chat/2"].randomElement(using: &random) ?? "",
                ids.randomElement(using: &random),
                offset: Bool.random(using: &random) ? nil : UInt64.random(in: 0...9, using: &random),
                payload: payloads.randomElement(using: &random) ?? [:]
            )
            switch Int.random(in: 0..<20, using: &random) {
            case 0: _ = try? channel.sendMessage("message")
            case 1: stage.advance(by: .milliseconds(Int.random(in: 0..<20_000, using: &random)))
            case 2: stage.reconnect()
            case 3:
                channel = stage.client.createChannel("/chat/1")
                channel.join()
                stage.run()
            default: break
            }
        }
        stage.reconnect()
        #expect(stage.client.state == .connected, "seed \(seed)")
    }

    @Test func aTaskThatIsCancelledBeforehandWaitsForNothing() async throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        let errors = Seen<PondError>()
        let begun = Lock(false)
        let task = Task {
            while !begun.withLock({ $0 }) { await Task.yield() }
            do throws(PondError) { try await channel.deliver("message") } catch { errors.add(error) }
            do throws(PondError) { _ = try await channel.sendForResponse("ping") } catch { errors.add(error) }
        }
        task.cancel()
        begun.withLock { $0 = true }
        while errors.values.count < 2 {
            stage.run()
            await Task.yield()
        }
        await task.value
        stage.run()
        #expect(errors.values.map(\.kind) == [.closed, .closed])
        #expect(channel.outbox.map(\.event) == ["message"], "a message goes its way, a request does not")
    }

    @Test func aLoopThatHasStoppedAnswersNobodyButLetsNobodyWait() async throws {
        let loop = EventLoop(name: "short-lived")
        loop.start()
        var options = PondClientOptions()
        options.loop = loop
        let channel = try PondClient("ws://127.0.0.1:9/socket", options: options).createChannel("/chat/1")
        await loop.stop()
        await #expect(throws: PondError.self) { try await channel.deliver("message") }
        await #expect(throws: PondError.self) { try await channel.sendForResponse("ping") }
    }

    @Test func aRequestThatIsCancelledIsNotSentLater() async throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        let failed = Lock(false)
        let task = Task {
            do { _ = try await channel.sendForResponse("ping") } catch { failed.withLock { $0 = true } }
        }
        while channel.outbox.isEmpty {
            stage.run()
            await Task.yield()
        }
        task.cancel()
        while !failed.withLock({ $0 }) {
            stage.run()
            await Task.yield()
        }
        await task.value
        stage.connect()
        stage.acknowledge()
        stage.run()
        #expect(stage.take().filter { $0.action == .broadcast }.isEmpty)
    }

    @Test(arguments: [true, false])
    func aRequestThatWasHandledStillHasItsAnswerAfterALostConnectionWhereTheSessionIsKept(isKept: Bool) async throws {
        let stage = try ClientStage { $0.resumesSessions = isKept }
        stage.connect()
        let channel = stage.join()
        let answers = Seen<String>()
        let task = Task {
            do throws(PondError) {
                answers.add(try await channel.sendForResponse("ping")["n"]?.string ?? "?")
            } catch {
                answers.add("\(error.code)")
            }
        }
        var request: ClientMessage?
        while request == nil {
            stage.run()
            request = stage.take().last { $0.event == "ping" }
            await Task.yield()
        }
        let requestId = try #require(request?.requestId)
        stage.say(.system, "DELIVERED", "/chat/1", requestId)
        stage.reconnect()
        stage.acknowledge()
        stage.say(.system, "pong", "/chat/1", requestId, payload: ["n": "one"])
        while answers.values.isEmpty {
            stage.run()
            await Task.yield()
        }
        await task.value
        #expect(answers.values == [isKept ? "one" : "503"])
    }

    static func limited(_ bytes: Int) -> JSON {
        ["id": "user-1", "pond": ["v": 2, "session": "token-1", "resume": 15, "maxBytes": .int(Int64(bytes))]]
    }

    @Test func aMessageOverTheLimitOfTheServerIsRefusedAtTheCall() throws {
        let stage = try ClientStage()
        stage.connect(greeting: Self.limited(1_000))
        let channel = stage.join()
        // The encoded message counts, not the text: quotes are escaped.
        for text in [String(repeating: "a", count: 900), String(repeating: "\"", count: 450)] {
            let error = #expect(throws: PondError.self) { try channel.sendMessage("message", ["text": .string(text)]) }
            #expect(error?.kind == .tooLarge)
            #expect(error?.code == 413)
        }
        try channel.sendMessage("message", ["text": .string(String(repeating: "a", count: 700))])
        stage.run()
        #expect(stage.take().count == 1)
        #expect(channel.outbox.count == 1)
    }

    @Test func aMessageOfExactlyTheLimitIsSentAndOneByteMoreIsNot() throws {
        let stage = try ClientStage()
        stage.connect(greeting: Self.limited(1_000))
        let channel = stage.join()
        try channel.sendMessage("message", ["text": ""])
        stage.run()
        let empty = try #require(stage.take().first).encoded().count
        let text = String(repeating: "a", count: 1_000 - empty)
        try channel.sendMessage("message", ["text": .string(text)])
        stage.run()
        #expect(stage.take().first?.encoded().count == 1_000)
        #expect(throws: PondError.self) { try channel.sendMessage("message", ["text": .string(text + "a")]) }
    }

    @Test func theOwnLimitCountsWhereTheServerTellsNone() throws {
        let stage = try ClientStage { $0.limits.messageBytes = 1_000 }
        stage.connect()
        let channel = stage.join()
        let text = JSON.string(String(repeating: "a", count: 1_000))
        let error = #expect(throws: PondError.self) { try channel.sendMessage("message", ["text": text]) }
        #expect(error?.kind == .tooLarge)
    }

    @Test func aQueuedMessageOverTheLimitThatTheServerTellsFailsAndWhatIsBehindItGoesOn() throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        let failed = Seen<OutgoingMessage>()
        channel.onOutboxChange { if case .failed = $0.state { failed.add($0) } }
        try channel.sendMessage("message", ["text": .string(String(repeating: "a", count: 2_000))])
        try channel.sendMessage("message", ["text": "b"])
        stage.connect(greeting: Self.limited(1_000))
        stage.acknowledge()
        #expect(stage.take().map { $0.payload["text"]?.string } == ["b"])
        #expect(failed.values.count == 1)
        guard case .failed(let error) = failed.values.first?.state else { return }
        #expect(error.kind == .tooLarge)
    }

    @Test func aMessageWhoseResendIsAnsweredBy1009FailsAndWhatIsBehindItGoesOn() async throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let text = JSON.string(String(repeating: "a", count: 500))
        let large = try channel.sendMessage("message", ["text": text])
        let small = try channel.sendMessage("message", ["text": "b"])
        stage.run()
        #expect(stage.take().count == 2)
        stage.play { stage.transport?.end(1009) }
        #expect(channel.outbox.map(\.id) == [large, small], "the close may have had another cause")
        stage.comeBack()
        stage.acknowledge()
        #expect(stage.take().count == 2)
        stage.play { stage.transport?.end(1009) }
        guard case .failed(let error)? = channel.outbox.first(where: { $0.id == large })?.state else {
            Issue.record("not failed: \(channel.outbox)")
            return
        }
        #expect(error.kind == .tooLarge)
        stage.comeBack()
        stage.acknowledge()
        #expect(stage.take().map(\.requestId) == [small])
    }

    @Test func anUnansweredMessageMakesTheClientProbeAndReplaceTheLink() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        stage.advance(by: .seconds(1))
        stage.play { stage.transport?.whenPonged?() }
        let statuses = Seen<ConnectionStatus>()
        stage.client.onConnectionChange { statuses.add($0) }
        try channel.sendMessage("message")
        stage.run()
        let sentAt = stage.clock.now()
        let link = stage.transport
        let pings = link?.pings ?? 0
        stage.advance(by: .milliseconds(2_999))
        #expect(link?.pings == pings)
        stage.advance(by: .milliseconds(1))
        #expect(link?.pings == pings + 1)
        #expect(stage.client.status.unansweredSince == sentAt)
        #expect(statuses.values.map(\.unansweredSince) == [sentAt])
        stage.play { stage.transport?.whenPonged?() }
        #expect(stage.client.status.unansweredSince == nil)
        #expect(statuses.values.map(\.unansweredSince) == [sentAt, nil])
        stage.advance(by: .seconds(3))
        stage.advance(by: .seconds(3))
        #expect(link?.isAborted == true)
        #expect(stage.client.status.reason == .silent)
        #expect(channel.status.queued == 1)
    }

    /// What the JOIN left in the transport's queue and has gone out meanwhile is no sign of life of the server.
    @Test func bytesThatHaveGoneOutLongAgoAreNoSignOfLife() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.run()
        let transport = stage.open()
        transport?.queuedBytes = 100
        stage.greet()
        let channel = stage.join()
        stage.advance(by: .zero)
        transport?.queuedBytes = 0
        try channel.sendMessage("message")
        stage.run()
        stage.advance(by: .seconds(3))
        #expect(stage.client.status.unansweredSince != nil)
    }

    /// A short message that waits is not what is left of the longer ones that waited before it and have gone out.
    @Test func aShortMessageBehindALongOneIsNoSignOfLife() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.run()
        let transport = stage.open()
        transport?.queuedBytes = 200
        stage.greet()
        let channel = stage.join()
        stage.advance(by: .zero)
        transport?.queuedBytes = 0
        try channel.sendMessage("message")
        stage.run()
        transport?.queuedBytes = 100
        stage.advance(by: .seconds(3))
        #expect(stage.client.status.unansweredSince != nil)
    }

    @Test func aLongMessageThatGoesOutSlowlyKeepsTheLink() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        try channel.sendMessage("message")
        stage.run()
        let link = stage.transport
        for second in 0..<60 {
            link?.queuedBytes = 1_000_000 - second * 1_000
            stage.advance(by: .seconds(1))
        }
        #expect(link?.isAborted == false)
        #expect(stage.client.state == .connected)
    }

    @Test func anAnsweredMessageDoesNotMakeTheClientProbe() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        stage.advance(by: .seconds(1))
        try channel.sendMessage("message")
        stage.run()
        let sent = try #require(stage.take().first)
        stage.say(.system, "DELIVERED", "/chat/1", sent.requestId)
        let pings = stage.transport?.pings
        stage.advance(by: .seconds(6))
        #expect(stage.transport?.pings == pings)
        #expect(stage.client.state == .connected)
    }
}
