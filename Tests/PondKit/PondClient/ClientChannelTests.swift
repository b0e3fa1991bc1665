import PondKit
import Testing

@Suite struct ClientChannelTests {
    @Test func joinsOnALiveConnectionAndTellsEveryState() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1", params: ["role": "guest"])
        let states = Seen<String>()
        channel.onChannelStateChange { states.add("\($0.state.rawValue): \($0.reason)") }
        channel.join()
        stage.run()
        let join = try #require(stage.take().first)
        #expect(join.action == .joinChannel)
        #expect(join.payload == ["role": "guest"])
        #expect(join.wantsPresenceDeltas)
        #expect(join.recover == nil)
        stage.say(.system, "ACKNOWLEDGE", "/chat/1", "another id")
        #expect(channel.state == .joining)
        stage.say(.system, "ACKNOWLEDGE", "/chat/1", join.requestId)
        #expect(states.values == ["JOINING: join sent", "JOINED: joined"])
    }

    @Test func defersAJoinWithoutAConnection() throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.run()
        #expect(channel.status.reason == .joinDeferred)
        stage.advance(by: .seconds(3_600))
        #expect(channel.state == .joining)
        stage.connect()
        stage.acknowledge()
        #expect(channel.state == .joined)
    }

    @Test func joinsAgainAfterADropWhileJoining() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.run()
        stage.reconnect()
        #expect(stage.acknowledge() != nil)
        #expect(channel.state == .joined)
    }

    @Test func stallsWithTheConnectionAndJoinsAgainAfterIt() throws {
        let stage = try ClientStage()
        stage.connect(greeting: ClientStage.firstVersion)
        let channel = stage.join()
        for _ in 0..<3 {
            stage.cut()
            #expect(channel.state == .stalled)
            #expect(channel.status.reason == .connectionLost)
            stage.comeBack(greeting: ClientStage.firstVersion)
            #expect(channel.status.reason == .rejoinSent)
            stage.acknowledge()
            #expect(channel.state == .joined)
        }
    }

    @Test(arguments: [
        (ServerAction.system, "UNAUTHORIZED", "/chat/1", true), (.system, "UNAUTHORIZED", "/chat/1", false),
        (.system, "NOT_FOUND", "/chat/1", true), (.error, "UNAUTHORIZED_JOIN_REQUEST", "/chat/1", true),
        (.error, "CHANNEL_ERROR", "GATEWAY", true), (.error, "INVALID_MESSAGE", "ENDPOINT", true),
    ])
    func isDeclinedByEveryShapeOfARefusal(action: ServerAction, event: String, name: String, echoes: Bool) throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.run()
        try channel.sendMessage("message")
        let lost = Seen<OutgoingMessage>()
        channel.onOutboxChange { lost.add($0) }
        let join = try #require(stage.take().first)
        let payload: JSON = ["code": 403, "message": "Members only", "status": 403]
        stage.say(action, event, name, echoes ? join.requestId : nil, payload: payload)
        #expect(channel.state == .declined)
        guard case .declined(let error) = channel.status.reason else {
            Issue.record("\(channel.status)")
            return
        }
        #expect(error.code == 403)
        #expect(error.message == "Members only")
        #expect(lost.values.last?.state == .failed(error))
        #expect(throws: error) { try channel.sendMessage("message") }
        stage.reconnect()
        #expect(stage.take().isEmpty)
    }

    @Test func replacesTheConnectionAndJoinsAgainWhenTheServerDoesNotAnswerTheJoin() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.run()
        for round in 1...3 {
            let link = stage.transport
            for _ in 0..<10 {
                stage.play { stage.transport?.whenHeard?() }
                stage.advance(by: .seconds(1))
            }
            #expect(link?.isAborted == true, "the link is alive, and does not answer: round \(round)")
            #expect(stage.client.status.reason == .unanswered)
            #expect(channel.state == .joining)
            stage.comeBack()
        }
        stage.acknowledge()
        #expect(channel.state == .joined)
    }

    @Test func whoWaitsForAJoinWithATimeoutIsToldAndTheChannelGoesOn() async throws {
        let stage = try ClientStage()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        let codes = Seen<Int>()
        Task { do throws(PondError) { try await channel.joined(timeout: .seconds(1)) } catch { codes.add(error.code) } }
        Task {
            do throws(PondError) { try await stage.client.connected(timeout: .seconds(1)) } catch {
                codes.add(error.code)
            }
        }
        while codes.values.count < 2 {
            await Task.yield()
            stage.advance(by: .seconds(1))
        }
        #expect(codes.values == [408, 408])
        #expect(channel.state == .joining)
        stage.connect()
        stage.acknowledge()
        #expect(channel.state == .joined)
    }

    @Test func isNotDeclinedByADeadLink() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.run()
        let dead = stage.transport
        for _ in 0..<30 where dead?.isAborted == false { stage.advance(by: .seconds(1)) }
        #expect(dead?.isAborted == true)
        #expect(channel.state == .joining)
        stage.comeBack()
        stage.acknowledge()
        #expect(channel.state == .joined)
    }

    @Test func leavesForGood() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        channel.leave()
        #expect(throws: PondError.self) { try channel.sendMessage("message") }
        stage.run()
        let leave = try #require(stage.take().first)
        #expect(leave.action == .leaveChannel)
        stage.say(.system, "EXIT_ACKNOWLEDGE", "/chat/1", leave.requestId)
        #expect(channel.state == .closed)
        stage.reconnect()
        #expect(stage.take().isEmpty)
        channel.join()
        stage.run()
        #expect(stage.errors.count == 1)
    }

    @Test func leavesAKeptSessionsChannelOnceConnectedAgain() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        stage.cut()
        channel.leave()
        stage.run()
        #expect(channel.state == .closed)
        stage.comeBack()
        #expect(stage.take().map(\.action) == [.leaveChannel])
    }

    @Test func isClosedByAnEvictionAndDoesNotComeBack() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let events = Seen<String>()
        channel.onMessage { events.add($0.event) }
        stage.say(.system, "EVICTED", "/chat/1", payload: ["reason": "flood"])
        #expect(events.values == ["EVICTED"])
        #expect(channel.status.reason == .evicted("flood"))
        stage.reconnect()
        #expect(stage.take().isEmpty)
    }

    @Test func hearsMessagesByEventAndPattern() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let all = Seen<String>()
        let exact = Seen<String>()
        let pattern = Seen<String>()
        channel.onMessage { all.add($0.event) }
        let subscription = try channel.onMessageEvent("message") { exact.add($0.event) }
        try channel.onMessageEvent("game:move") { pattern.add($0.event) }
        for event in ["message", "gameover", "other"] { stage.say(.broadcast, event, "/chat/1") }
        subscription.unsubscribe()
        subscription.unsubscribe()
        stage.say(.broadcast, "message", "/chat/1")
        #expect(all.values == ["message", "gameover", "other", "message"])
        #expect(exact.values == ["message"])
        #expect(pattern.values == ["gameover"])
    }

    @Test func keepsThePresenceListOfTheLastFrame() throws {
        let stage = try ClientStage()
        stage.connect(greeting: ClientStage.firstVersion)
        let channel = stage.join()
        let log = Seen<String>()
        channel.onJoin { log.add("join \($0.presence["n"]?.string ?? "?")") }
        channel.onLeave { log.add("leave \($0.presence["n"]?.string ?? "?")") }
        channel.onPresenceChange { log.add("update \($0.presence["n"]?.string ?? "?")") }
        channel.onUsersChange { log.add("\($0.count)") }
        let ann: JSON = ["n": "ann"]
        let bob: JSON = ["n": "bob"]
        stage.say(.presence, "JOIN", "/chat/1", payload: ["presence": [ann, bob], "changed": bob])
        stage.say(.presence, "UPDATE", "/chat/1", payload: ["presence": [ann, bob], "changed": ann])
        stage.say(.presence, "LEAVE", "/chat/1", payload: ["presence": [bob], "changed": ann])
        #expect(log.values == ["join bob", "2", "update ann", "2", "leave ann", "1"])
        #expect(channel.presence.map(\.presence) == [bob])
        let known = channel.status.presenceAsOf
        #expect(known != nil)
        stage.cut()
        #expect(channel.presence.count == 1)
        #expect(channel.status.presenceAsOf == known)
    }

    @Test func asksAFirstVersionServerForNothingItDoesNotKnow() throws {
        let stage = try ClientStage()
        stage.connect(greeting: ClientStage.firstVersion)
        let channel = stage.client.createChannel("/chat/1")
        channel.join()
        stage.run()
        #expect(stage.take().allSatisfy { !$0.wantsPresenceDeltas && $0.recover == nil })
        stage.reconnect(greeting: ClientStage.firstVersion)
        stage.acknowledge()
        try channel.sendMessage("message")
        stage.run()
        #expect(stage.take().map(\.wantsAcknowledgement) == [false])
        #expect(channel.outbox.isEmpty)
        #expect(stage.connector.attempts[1].target.headers["Pond-Session"] == "new")
    }

    @Test func anEvictionOfAnEarlierMembershipDoesNotCloseTheNewChannel() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.join().leave()
        let heard = Seen<String>()
        let channel = stage.client.createChannel("/chat/1")
        channel.onMessage { heard.add($0.event) }
        channel.join()
        stage.run()
        stage.say(.broadcast, "message", "/chat/1")
        stage.say(.system, "EVICTED", "/chat/1", payload: ["reason": "flood"])
        #expect(channel.state == .joining)
        stage.acknowledge()
        #expect(channel.state == .joined)
        #expect(heard.values == [], "what comes before the answer was for the membership before")
        stage.say(.broadcast, "message", "/chat/1")
        #expect(heard.values == ["message"])
    }

    @Test func anEvictionWhileItJoinsAgainEndsTheMembershipThatTheJoinMayHaveBrought() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        stage.reconnect()
        #expect(channel.state == .stalled)
        stage.say(.system, "EVICTED", "/chat/1", payload: ["reason": "flood"])
        #expect(channel.status.reason == .evicted("flood"))
        #expect(stage.take().map(\.action) == [.joinChannel, .leaveChannel])
    }

    @Test(arguments: ["UNAUTHORIZED", "NOT_FOUND", "ACKNOWLEDGE"])
    func theAnswerToAJoinThatWasGivenUpIsNotForTheNextChannelOfThatName(event: String) throws {
        let stage = try ClientStage()
        stage.connect()
        let first = stage.client.createChannel("/chat/1")
        first.join()
        stage.run()
        first.leave()
        let second = stage.client.createChannel("/chat/1")
        second.join()
        stage.run()
        let sent = stage.take()
        #expect(sent.map(\.action) == [.joinChannel, .leaveChannel, .joinChannel])
        stage.say(.system, event, "/chat/1", sent[0].requestId, payload: ["code": 403, "message": "no"])
        #expect(second.state == .joining)
        stage.say(.system, "ACKNOWLEDGE", "/chat/1", sent[2].requestId)
        #expect(second.state == .joined)
        #expect(stage.errors.isEmpty)
    }

    @Test func joiningWhatIsJoinedChangesNothing() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        let states = Seen<String>()
        channel.onChannelStateChange { states.add($0.state.rawValue) }
        channel.join()
        stage.run()
        #expect(states.values.isEmpty)
        #expect(stage.take().isEmpty)
    }

    @Test func leavesAgainWhereTheLeaveMayBeLostWithItsConnection() throws {
        let stage = try ClientStage()
        stage.connect()
        stage.join().leave()
        stage.run()
        let first = try #require(stage.take().last)
        stage.reconnect()
        let again = stage.take()
        #expect(again.map(\.action) == [.leaveChannel])
        #expect(again.map(\.requestId) == [first.requestId])
        stage.say(.system, "EXIT_ACKNOWLEDGE", "/chat/1", first.requestId)
        stage.reconnect()
        #expect(stage.take().isEmpty, "it was acknowledged")
    }

    @Test func aJavaScriptServerThatRemovesAMemberClosesItsChannel() throws {
        let stage = try ClientStage()
        stage.connect(greeting: ClientStage.firstVersion)
        let channel = stage.join()
        stage.say(.system, "kicked_out", "/chat/1", payload: ["message": "rude", "code": 403])
        #expect(channel.state == .closed)
        #expect(channel.status.reason == .evicted("rude"))
    }

    @Test func aReplyOfThatNameFromAServerOfOursClosesNothing() throws {
        let stage = try ClientStage()
        stage.connect()
        let channel = stage.join()
        stage.say(.system, "kicked_out", "/chat/1", payload: ["message": "rude"])
        #expect(channel.state == .joined)
    }

    @Test(arguments: [(ServerAction.system, "NOT_FOUND"), (.error, "CHANNEL_ERROR"), (.error, "HANDLER_NOT_FOUND")])
    func anErrorThatAnswersTheJoinDeclinesIt(action: ServerAction, event: String) throws {
        for place in ["/chat/1", "GATEWAY"] {
            let stage = try ClientStage()
            stage.connect()
            let channel = stage.client.createChannel("/chat/1")
            channel.join()
            stage.run()
            let join = try #require(stage.take().last)
            stage.say(action, event, place, "another", payload: ["message": "no"])
            #expect(channel.state == .joining)
            stage.say(action, event, place, join.requestId, payload: ["message": "no"])
            #expect(channel.state == .declined, "\(event) on \(place)")
        }
    }
}
