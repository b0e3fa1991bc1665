import PondTesting
import Testing

@testable import PondClient
@testable import PondCore
@testable import PondNet
@testable import PondRuntime
@testable import PondServer

@Suite struct PondClientTests {
    @Test func isConnectedOnlyAfterTheGreeting() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.run()
        #expect(stage.client.state == .connecting)
        stage.open()
        #expect(stage.client.state == .connecting)
        stage.say(.connect, "SOMETHING", "GATEWAY")
        #expect(stage.client.state == .connecting)
        stage.greet()
        #expect(stage.client.state == .connected)
        #expect(stage.client.status.userId == "user-1")
        stage.greet()
        #expect(stage.connectionLog == ["CONNECTING: asked to connect", "CONNECTED: ready"])
    }

    @Test func connectingTwiceMakesOneAttempt() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.client.connect()
        stage.run()
        #expect(stage.connector.attempts.count == 1)
    }

    @Test func givesUpAnAttemptWithoutAGreetingAndTriesAgain() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.run()
        let silent = stage.open()
        stage.advance(by: .milliseconds(9_999))
        #expect(stage.client.state == .connecting)
        stage.advance(by: .milliseconds(1))
        #expect(stage.client.status.reason == .timedOut)
        #expect(silent?.isAborted == true)
        #expect(stage.client.status.nextTry == .zero + .seconds(10) + .milliseconds(500))
        stage.advance(by: .milliseconds(500))
        #expect(stage.connector.attempts.count == 2)
        #expect(stage.client.status.attempt == 2)
    }

    @Test func dropsASocketThatComesAfterItsTime() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.run()
        let late = stage.connector.attempts[0]
        stage.advance(by: .seconds(10))
        let transport = ScriptedTransport(target: late.target)
        stage.play { late.completion(.success(transport)) }
        #expect(transport.isAborted)
        #expect(stage.client.state == .disconnected)
    }

    @Test func triesAgainForEverWithGrowingWaits() throws {
        let stage = try ClientStage()
        stage.client.connect()
        stage.run()
        var waits: [Int] = []
        for _ in 0..<8 {
            stage.fail(.unavailable("refused"))
            let next = try #require(stage.client.status.nextTry)
            let wait = next - stage.clock.now()
            waits.append(Int(wait.inSeconds * 10))
            stage.advance(by: wait)
        }
        #expect(waits == [5, 10, 20, 40, 80, 150, 150, 150])
        #expect(stage.connector.attempts.count == 9)
        #expect(stage.errors.count == 8)
    }

    @Test func neverReconnectsAfterDisconnect() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.client.disconnect()
        stage.run()
        #expect(stage.transport?.closed == 1000)
        stage.advance(by: .seconds(3_600))
        #expect(stage.connector.attempts.count == 1)
        #expect(stage.client.status.reason == .disconnectRequested)
        stage.client.connect()
        stage.run()
        stage.cut()
        stage.fail(.unavailable("refused"))
        stage.client.disconnect()
        stage.run()
        stage.advance(by: .seconds(3_600))
        #expect(stage.connector.attempts.count == 2)
    }

    @Test func reconnectsNowWhenTheProgramDoesNotWantToWait() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.cut()
        #expect(stage.client.status.nextTry != nil)
        stage.client.reconnectNow()
        stage.client.reconnectNow()
        stage.run()
        #expect(stage.connector.attempts.count == 2)
    }

    @Test func asksForATokenOnEveryAttemptAndPutsItWhereToldTo() async throws {
        let asked = Seen<Int>()
        let stage = try ClientStage(params: ["b": "x y", "a": "1"]) { options in
            options.headers = ["X-App": "test"]
            options.token = ClientToken {
                asked.add(0)
                return "t&\(asked.values.count)"
            }
        }
        stage.client.connect()
        stage.run()
        stage.fail(.unavailable("refused"))
        stage.advance(by: .seconds(1))
        #expect(
            stage.connector.attempts.map(\.target.requestTarget) == [
                "/socket?a=1&b=x%20y&token=t%261", "/socket?a=1&b=x%20y&token=t%262",
            ]
        )
        #expect(stage.connector.attempts[0].target.headers["x-app"] == "test")
    }

    private static func outcome(of body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "done"
        } catch {
            return (error as? PondError)?.message ?? "\(error)"
        }
    }

    @Test func everybodyWhoWaitsIsToldTheLastErrorWhenTheClientGivesUp() async throws {
        let refusal = PondError(declined: 403, message: "no", headers: [:])
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.client.connect()
        stage.run()
        let outcomes = Seen<String>()
        let client = stage.client
        // Twice: some wait when the client gives up, others come later.
        for round in 1...2 {
            Task { outcomes.add(await Self.outcome { try await client.connected() }) }
            Task { outcomes.add(await Self.outcome { try await channel.joined() }) }
            Task { outcomes.add(await Self.outcome { try await channel.deliver("message") }) }
            Task { outcomes.add(await Self.outcome { _ = try await channel.sendForResponse("message") }) }
            for _ in 0..<20 { await Task.yield() }
            stage.run()
            if round == 1 { stage.fail(refusal) }
            while outcomes.values.count < 4 * round {
                await Task.yield()
                stage.run()
            }
        }
        #expect(outcomes.values == Array(repeating: "no", count: 8))
        #expect(stage.client.state == .disconnected)
        #expect(stage.client.status.finalError == refusal)
        #expect(stage.client.status.nextTry == nil)
        #expect(channel.outbox.isEmpty, "what failed for its caller is not sent later")
    }

    @Test func aCallShowsAtOnceInWhatTheProgramReads() throws {
        let stage = try ClientStage()
        let client = stage.client
        client.connect()
        #expect(client.state == .connecting)
        client.disconnect()
        #expect(client.state == .disconnected)
        stage.run()
        #expect(client.state == .disconnected)
        stage.connect()
        #expect(client.state == .connected)
        client.disconnect()
        #expect(client.state == .disconnected)
        #expect(client.status.reason == .disconnectRequested)
        client.connect()
        #expect(client.state == .connecting)
        client.disconnect()
        stage.run()
        #expect(client.state == .disconnected)
        stage.client.connect()
        stage.run()
        stage.fail(.unavailable("down"))
        #expect(client.status.nextTry != nil)
        client.reconnectNow()
        #expect(client.state == .connecting)
        #expect(client.status.nextTry == nil)
    }

    @Test func aCallOnAChannelShowsAtOnceInWhatTheProgramReads() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        #expect(channel.state == .joining)
        let first = try channel.sendMessage("message", ["n": 1])
        let second = try channel.sendMessage("message", ["n": 2])
        #expect(channel.outbox.map(\.id) == [first, second])
        #expect(channel.status.queued == 2)
        channel.dropMessage(first)
        #expect(channel.outbox.map(\.id) == [second])
        stage.run()
        #expect(channel.outbox.map(\.id) == [second])
        #expect(channel.status.queued == 1)
        let third = try channel.sendMessage("message", ["n": 3])
        #expect(channel.outbox.map(\.id) == [second, third])
        stage.acknowledge()
        #expect(channel.outbox.map(\.state) == [.sending, .sending])
        channel.dropMessage()
        #expect(channel.outbox.isEmpty)
        channel.leave()
        #expect(channel.state == .closed)
        #expect(channel.status.reason == .left)
        stage.run()
        #expect(channel.state == .closed)
        #expect(channel.outbox.isEmpty)
    }

    @Test func isNotConnectedAfterDisconnectHoweverOftenItIsAsked() async throws {
        let (pond, port) = try await NetworkTests.server()
        let client = try NetworkTests.client("ws://127.0.0.1:\(port)/socket")
        for _ in 0..<20 {
            client.connect()
            try await client.connected()
            client.disconnect()
            #expect(client.state == .disconnected)
            await #expect(throws: PondError.self) { try await client.connected() }
        }
        await pond.stop()
    }

    @Test func aRefusedTokenIsNotTriedTwice() throws {
        let stage = try ClientStage { $0.token = ClientToken { "stale" } }
        stage.client.connect()
        stage.run()
        stage.fail(.unauthorized("expired"))
        #expect(stage.client.status.nextTry != nil, "another token may be accepted")
        stage.advance(by: .seconds(1))
        #expect(stage.connector.attempts.count == 1)
        #expect(stage.client.status.finalError == .unauthorized("expired"))
    }

    @Test func aTokenThatCannotBeHadIsAFailedAttempt() throws {
        struct Refused: Error {}
        let stage = try ClientStage { $0.token = ClientToken { throw Refused() } }
        stage.client.connect()
        stage.run()
        #expect(stage.connector.attempts.isEmpty)
        #expect(stage.client.status.nextTry != nil)
        #expect(stage.errors.map(\.kind) == [.unauthorized])
    }

    @Test func asksAReturningServerForTheLostSession() throws {
        let stage = try ClientStage()
        stage.connect()
        #expect(stage.connector.attempts[0].target.headers["Pond-Session"] == "new")
        #expect(stage.client.status.resumed == nil)
        stage.reconnect()
        #expect(stage.connector.attempts[1].target.headers["Pond-Session"] == "token-1")
        #expect(stage.client.status.resumed == true)
        stage.reconnect(greeting: ["id": "user-2", "pond": ["v": 2, "session": "token-2"]])
        #expect(stage.client.status.resumed == false)
        stage.reconnect(greeting: ClientStage.firstVersion)
        #expect(stage.connector.attempts[3].target.headers["Pond-Session"] == "token-2")
        stage.reconnect()
        #expect(stage.connector.attempts[4].target.headers["Pond-Session"] == "new")
    }

    @Test func noticesAHalfOpenLinkWithinTwoHeartbeats() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.advance(by: .zero)
        #expect(stage.transport?.pings == 1)
        stage.advance(by: .milliseconds(30))
        stage.play { stage.transport?.whenPonged?() }
        #expect(stage.client.status.lag == .milliseconds(30))
        let dead = stage.transport
        stage.advance(by: .seconds(15))
        stage.advance(by: .seconds(15))
        #expect(dead?.isAborted == true)
        #expect(stage.client.status.reason == .silent)
    }

    @Test func comesBackByItselfWhenTheServerDrains() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let old = stage.transport
        stage.say(.system, "RECONNECT", "GATEWAY", payload: ["after": 2_000])
        stage.advance(by: .milliseconds(1_999))
        #expect(stage.client.state == .connected)
        stage.advance(by: .milliseconds(1))
        #expect(old?.closed == 1000)
        #expect(stage.client.status.attempt == 1)
        #expect(channel.state == .stalled)
        stage.open()
        stage.greet()
        stage.acknowledge()
        #expect(channel.state == .joined)
        #expect(stage.errors.isEmpty)
    }

    @Test func takesSeveralDocumentsInOneFrameAndReportsWhatIsNone() throws {
        let stage = try ClientStage()
        let replies = Seen<String>()
        stage.client.onMessage { replies.add($0.event) }
        stage.client.connect()
        stage.run()
        stage.open()
        let frame = [
            stage.text(.connect, "CONNECTION", "GATEWAY", payload: ClientStage.firstVersion),
            stage.text(.system, "welcome", "GATEWAY"), "{", stage.text(.broadcast, "again", "ENDPOINT"),
        ].joined(separator: "\n")
        stage.play { stage.transport?.say(frame) }
        #expect(stage.client.state == .connected)
        #expect(replies.values == ["welcome"])
        #expect(stage.errors.map(\.kind) == [.invalidMessage])
        stage.play { stage.transport?.say("[]\n{}\nnull\n") }
        #expect(stage.errors.count == 4)
    }

    @Test func aServerThatDrainsAtEachJoinDoesNotMakeTheClientReconnectWithoutAPause() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        for _ in 0..<200 {
            stage.say(.system, "RECONNECT", "GATEWAY", payload: ["after": 0])
            stage.advance(by: .milliseconds(50))
            stage.open()
            stage.greet()
            stage.acknowledge()
        }
        #expect(channel.state == .joined)
        #expect(stage.connector.attempts.count <= 6, "in 10 s: at once, and after 1, 2 and 4 s")
    }

    @Test(arguments: [-1, Int64.min, .max] as [Int64])
    func survivesADrainTimeThatMakesNoSense(after: Int64) throws {
        let stage = try ClientStage()
        stage.connect()
        stage.say(.system, "RECONNECT", "GATEWAY", payload: ["after": .int(after)])
        stage.advance(by: .seconds(301))
        #expect(stage.connector.attempts.count == 2)
    }

    @Test func ignoresEventsOfUnknownChannels() throws {
        let stage = try ClientStage()
        stage.connect()
        for action in ServerAction.allCases where action != .error { stage.say(action, "message", "/chat/none") }
        #expect(stage.errors.isEmpty)
        #expect(stage.client.state == .connected)
    }

    @Test func tellsAsErrorsWhatAnswersNothing() throws {
        let stage = try ClientStage()
        stage.connect()
        let payload: JSON = ["code": "INVALID_MESSAGE", "message": "payload: Expected object", "status": 400]
        stage.say(.error, "INVALID_MESSAGE", "GATEWAY", payload: payload)
        #expect(stage.errors.map(\.message) == ["payload: Expected object"])
        #expect(stage.errors.map(\.code) == [400])
    }

    @Test func keepsOneLiveChannelPerNameAndReplacesADeadOne() throws {
        let stage = try ClientStage()
        stage.connect()
        let first = stage.join()
        #expect(stage.client.createChannel("/chat/1") === first)
        first.leave()
        let second = stage.client.createChannel("/chat/1")
        #expect(second !== first)
        second.join()
        stage.run()
        stage.acknowledge()
        #expect(first.state == .closed)
        #expect(second.state == .joined)
        #expect(stage.client.channel("/chat/1") === second)
    }

    @Test func aChannelKeepsItsClientConnected() throws {
        var stage: ClientStage? = try ClientStage()
        stage?.connect()
        var channel: ClientChannel? = try #require(stage?.join())
        let transport = try #require(stage?.transport)
        let loop = try #require(stage?.loop)
        stage = nil
        loop.runUntilIdle()
        #expect(transport.closed == nil)
        #expect(channel?.state == .joined)
        try channel?.sendMessage("message")
        loop.runUntilIdle()
        #expect(transport.take().map(\.action) == [.broadcast])
        channel = nil
        loop.runUntilIdle()
        #expect(transport.closed == 1000)
    }

    @Test func aSequenceKeepsItsClientConnected() throws {
        var stage: ClientStage? = try ClientStage()
        stage?.connect()
        var messages = stage?.join().messages
        let transport = try #require(stage?.transport)
        let loop = try #require(stage?.loop)
        stage = nil
        loop.runUntilIdle()
        #expect(transport.closed == nil)
        #expect(messages?.droppedCount == 0)
        messages = nil
        loop.runUntilIdle()
        #expect(transport.closed == 1000)
    }

    @Test func aChannelThatIsOverKeepsNothing() throws {
        var stage: ClientStage? = try ClientStage()
        stage?.connect()
        let channel = try #require(stage?.join())
        let transport = try #require(stage?.transport)
        let loop = try #require(stage?.loop)
        channel.leave()
        stage = nil
        loop.runUntilIdle()
        #expect(transport.closed == 1000)
        #expect(channel.status.reason == .left)
        let error = #expect(throws: PondError.self) { try channel.sendMessage("message") }
        #expect(error?.message.contains("left") == true)
    }

    @Test(
        arguments: [
            ("ws://h", "h", 80, false, "/", "h"), ("wss://h/a/b?x=1&y#f", "h", 443, true, "/a/b?x=1&y", "h"),
            ("HTTP://h:8080/s", "h", 8080, false, "/s", "h:8080"), ("https://h:443?q", "h", 443, true, "/?q", "h"),
            ("ws://[::1]:9/s", "::1", 9, false, "/s", "[::1]:9"),
            ("ws://[fe80::1]", "fe80::1", 80, false, "/", "[fe80::1]"),
        ] as [(String, String, Int, Bool, String, String)]
    )
    func readsURLs(url: String, host: String, port: Int, isSecure: Bool, request: String, authority: String) throws {
        let target = try ClientTarget(url: url)
        #expect(target.host == host)
        #expect(target.port == port)
        #expect(target.isSecure == isSecure)
        #expect(target.requestTarget == request)
        #expect(target.authority == authority)
    }

    @Test(arguments: [
        "", "h", "://h", "ftp://h", "ws://", "ws:///path", "ws://h:0", "ws://h:65536", "ws://h:x", "ws://a:b@h",
        "ws://::1", "ws://[::1", "ws://[::1]x", "ws://h/a b", "ws://h/\r\nX: y",
    ])
    func refusesURLsThatMakeNoSense(url: String) {
        #expect(throws: PondError.self) { _ = try ClientTarget(url: url) }
    }

    @Test func leavesASessionToWhoTookItOver() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.play { [transport = stage.transport] in transport?.end(4001) }
        stage.comeBack()
        #expect(stage.connector.attempts.count == 2)
        #expect(stage.connector.attempts[1].target.headers["Pond-Session"] == "new", "it would be taken back and forth")
    }

    @Test func doesNotTakeItsOwnLateAttemptForSomeoneElse() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.cut()
        stage.client.reconnectNow()
        stage.run()
        // This attempt reaches the server after the next one.
        stage.client.disconnect()
        stage.client.connect()
        stage.run()
        stage.open()
        stage.greet()
        stage.play { stage.transport?.end(TransportEnd.takenOver) }
        stage.comeBack()
        #expect(stage.connector.attempts.last?.target.headers["Pond-Session"] == "token-1")
        stage.play { stage.transport?.end(TransportEnd.takenOver) }
        stage.comeBack()
        #expect(stage.connector.attempts.last?.target.headers["Pond-Session"] == "new", "that was someone else")
    }

    @Test func takesItsSessionBackFromEachOfSeveralLateAttempts() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.cut()
        // Both attempts reach the server after the one that succeeds.
        for _ in 0..<2 {
            stage.client.reconnectNow()
            stage.run()
            stage.client.disconnect()
            stage.client.connect()
            stage.run()
        }
        stage.open()
        stage.greet()
        for _ in 0..<2 {
            stage.play { stage.transport?.end(TransportEnd.takenOver) }
            stage.comeBack()
            #expect(stage.connector.attempts.last?.target.headers["Pond-Session"] == "token-1")
        }
    }

    @Test(arguments: [("token-1", true), ("token-2", false)])
    func knowsAResumedSessionByItsTokenThoughTheUserIsTheSame(token: String, resumed: Bool) throws {
        let stage = try ClientStage()
        stage.connect()
        #expect(stage.client.status.resumed == nil)
        let pond: JSON = ["v": 2, "session": .string(token), "resume": 15]
        stage.reconnect(greeting: ["id": "user-1", "connectionId": "c", "pond": pond])
        #expect(stage.client.status.resumed == resumed)
    }
}
