import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

@Suite struct SessionTests {
    /// A tracked member and a witness of its coming and going.
    private func pair(_ application: DurableApplication) throws -> (PondTestSession, PondTestSession) {
        let witness = try application.connect("witness")
        witness.join("/room/1")
        _ = witness.receiveAll()
        let bob = try application.connect("bob")
        bob.join("/room/1")
        _ = bob.receiveAll()
        _ = witness.receiveAll()
        return (bob, witness)
    }

    @Test(arguments: [0, 1, 2])
    func givesALostConnectionBackAndNobodyNotices(shard: Int) throws {
        let application = try DurableApplication(shards: 3)
        let (bob, witness) = try self.pair(application)
        let epoch = try #require(bob.join(recovering: nil).first?.payload["epoch"]?.string)
        let token = try #require(bob.token)
        bob.abort()
        application.driver.run()
        witness.send("/room/1", "say", ["n": 1])
        #expect(witness.receiveAll().map(\.line) == ["say 1 1"])
        let back = try application.connect("somebody", token: token, shard: shard)
        #expect(back.userId == "bob")
        #expect(back.token == token)
        #expect(back.connectionId != bob.connectionId)
        witness.send("/room/1", "say", ["n": 2])
        application.driver.run()
        #expect(back.receiveAll().isEmpty, "what is numbered comes after the join, or the replay would look old")
        let replay = back.join(recovering: StreamPosition(epoch: epoch, offset: 0))
        #expect(replay.map(\.line) == ["ACKNOWLEDGE", "say 1 1", "say 2 2", "UPDATE"])
        #expect(replay.last?.payload["presence"]?.array?.count == 2)
        witness.send("/room/1", "say", ["n": 3])
        #expect(back.receiveAll().map(\.line) == ["say 3 3"])
        back.send("/room/1", "say", ["n": 4])
        #expect(witness.receiveAll().map(\.line) == ["say 2 2", "say 3 3", "say 4 4"])
        application.driver.advance(by: .seconds(60))
        #expect(witness.receiveAll().isEmpty)
        #expect(application.pond.connectionCount == 2)
    }

    @Test func endsALostConnectionAfterItsGraceTime() throws {
        let application = try DurableApplication()
        let (bob, witness) = try self.pair(application)
        let token = try #require(bob.token)
        bob.abort()
        application.driver.advance(by: .seconds(14))
        #expect(witness.receiveAll().isEmpty)
        #expect(application.pond.connectionCount == 1)
        application.driver.advance(by: .seconds(2))
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
        let stranger = try application.connect("stranger", token: token)
        #expect(stranger.userId == "stranger")
        #expect(stranger.token != token)
    }

    @Test func endsAConnectionThatSaysGoodbyeAtOnce() throws {
        let application = try DurableApplication()
        let (bob, witness) = try self.pair(application)
        let token = try #require(bob.token)
        bob.close()
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
        #expect(try application.connect("x", token: token).userId == "x")
    }

    @Test(arguments: [0, 1])
    func letsANewSocketTakeALiveSessionOver(shard: Int) throws {
        let application = try DurableApplication(shards: 2)
        let (bob, witness) = try self.pair(application)
        let thief = try application.connect("bob", token: bob.token, shard: shard)
        #expect(thief.userId == "bob")
        #expect(bob.end?.code == 4001)
        #expect(application.pond.connectionCount == 2)
        _ = thief.join(recovering: nil)
        thief.send("/room/1", "say", ["n": 1])
        #expect(witness.receiveAll().map(\.line) == ["say 1 1"])
        application.driver.advance(by: .seconds(60))
        #expect(witness.receiveAll().isEmpty)
        thief.close()
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
        #expect(application.pond.connectionCount == 1)
    }

    @Test func answersARepeatAfterTheSocketWasLost() throws {
        let application = try DurableApplication()
        let (bob, witness) = try self.pair(application)
        bob.sendAcknowledged("say", ["n": 1], id: "b1")
        application.driver.run()
        let token = bob.token
        bob.abort()
        let back = try application.connect("bob", token: token)
        _ = back.join(recovering: nil)
        back.sendAcknowledged("say", ["n": 1], id: "b1")
        back.sendAcknowledged("say", ["n": 2], id: "b2")
        #expect(back.receiveAll().map(\.line) == ["DELIVERED", "say 2 2", "DELIVERED"])
        #expect(witness.receiveAll().map(\.line) == ["say 1 1", "say 2 2"])
    }

    @Test func asksBeforeASessionGoesOnElsewhere() throws {
        let application = try DurableApplication { options in
            options.hooks.beforeResume = { info in
                if info.remoteAddress == "6.6.6.6" { throw PondError.forbidden("not from there") }
            }
        }
        let (bob, witness) = try self.pair(application)
        bob.abort()
        application.driver.run()
        var headers = HTTPHeaders()
        headers.add("Pond-Session", try #require(bob.token))
        let refused = #expect(throws: PondError.self) {
            try application.driver.connect("/socket", headers: headers, address: "6.6.6.6")
        }
        #expect(refused?.code == 403 && refused?.message == "not from there")
        #expect(application.pond.connectionCount == 1)
        let back = try application.driver.connect("/socket", headers: headers, address: "7.7.7.7")
        #expect(back.userId == "bob", "the session is as it was")
        #expect(witness.receiveAll().isEmpty)
    }

    @Test func aResumedSessionHasTheAddressOfItsNewSocket() throws {
        let resumed = Lock<[ConnectionInfo]>([])
        let ended = Lock<[String]>([])
        let pond: PondSocket
        var options = PondOptions()
        options.hooks.onResume = { info in resumed.withLock { $0.append(info) } }
        options.hooks.onDisconnect = { info, _ in ended.withLock { $0.append(info.remoteAddress) } }
        pond = PondSocket(options: options.onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let lobby = try endpoint.createChannel("/room/:id") { $0.accept() }
        try lobby.onMessage("where") { $0.reply("there", ["at": .string($0.connection.remoteAddress)]) }
        let before = try pond.test(shards: 2).connect("/socket", headers: ["Pond-Session": "new"], address: "1.1.1.1")
        before.join("/room/1")
        let token = try #require(before.token)
        before.abort()
        let back = try pond.test.connect("/socket", headers: ["Pond-Session": token], address: "2.2.2.2", shard: 1)
        #expect(resumed.withLock { $0.map(\.remoteAddress) } == ["2.2.2.2"])
        #expect(resumed.withLock { $0.first?.connectionId } == back.connectionId)
        back.send("/room/1", "where")
        #expect(back.receiveAll().last?.payload == ["at": "2.2.2.2"])
        back.close()
        pond.test.run()
        #expect(ended.withLock { $0 } == ["2.2.2.2"])
    }

    @Test func answersARepeatAfterTheSessionIsOver() throws {
        let application = try DurableApplication()
        let (bob, witness) = try self.pair(application)
        bob.sendAcknowledged("say", ["n": 1], id: "b1")
        application.driver.run()
        bob.abort()
        application.driver.advance(by: .seconds(60))
        #expect(witness.receiveAll().map(\.event) == ["say", "LEAVE"])
        let back = try application.connect("bob", token: bob.token)
        #expect(back.token != bob.token, "the session itself is over")
        _ = back.join(recovering: nil)
        back.sendAcknowledged("say", ["n": 1], id: "b1")
        back.sendAcknowledged("say", ["n": 2], id: "b2")
        #expect(back.receiveAll().map(\.line) == ["DELIVERED", "say 2 2", "DELIVERED"])
        #expect(witness.receiveAll().map(\.line) == ["say 2 2"])
        let other = try application.member("other")
        other.sendAcknowledged("say", ["n": 3], id: "b1")
        #expect(other.receiveAll().map(\.line) == ["say 3 3", "DELIVERED"], "ids are each client's own")
    }

    @Test func isClosedByTheIdOfAnyOfItsSockets() throws {
        for first in [true, false] {
            let application = try DurableApplication(shards: 2)
            let (bob, witness) = try self.pair(application)
            let back = try application.connect("bob", token: bob.token)
            _ = back.join(recovering: nil)
            let id = try #require(first ? bob.connectionId : back.connectionId)
            application.pond.close(connectionId: id)
            application.driver.run()
            #expect(back.end?.code == 1000)
            #expect(witness.receiveAll().last?.event == "LEAVE")
        }
    }

    @Test func tellsAPresenceWatcherWhatItMissed() throws {
        let application = try DurableApplication()
        let (_, witness) = try self.pair(application)
        let delta = try application.connect("delta")
        delta.send(
            ClientMessage(
                action: .joinChannel,
                event: "JOIN_CHANNEL",
                channelName: "/room/1",
                requestId: "j",
                wantsPresenceDeltas: true
            )
        )
        #expect(delta.receiveAll().map(\.event) == ["ACKNOWLEDGE", "STATE", "JOIN"])
        delta.abort()
        application.driver.run()
        witness.close()
        let back = try application.connect("delta", token: delta.token)
        let answer = back.join(recovering: nil, deltas: true)
        #expect(answer.map(\.event) == ["ACKNOWLEDGE", "STATE"])
        #expect(answer.last?.payload["presence"]?.array?.count == 2)
    }

    @Test func endsLostConnectionsWithTheServerAndWhenThereAreTooMany() throws {
        let application = try DurableApplication { $0.limits.sessions = 1 }
        let (bob, witness) = try self.pair(application)
        let carol = try application.member("carol")
        bob.abort()
        application.driver.run()
        carol.abort()
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
        witness.close()
        application.driver.run()
        #expect(application.pond.channelCount == 1)
        application.pond.closeAll()
        application.driver.run()
        #expect(application.pond.channelCount == 0)
        #expect(application.pond.connectionCount == 0)
    }

    @Test func offersNoSessionWhereThereIsNoGraceTime() throws {
        let application = try DurableApplication { $0.limits.sessionGrace = .zero }
        let (bob, witness) = try self.pair(application)
        #expect(bob.greeting?.payload["pond"] == ["v": 2])
        bob.abort()
        #expect(witness.receiveAll().map(\.event) == ["LEAVE"])
    }

    @Test func joinsOfASessionThatComesBackCostNoJoins() throws {
        let application = try DurableApplication { options in
            options.limits.joinBurst = 10
            options.limits.joinsPerSecond = 0.001
        }
        var session = try application.connect("ann")
        let token = try #require(session.token)
        let names = (0..<10).map { "/room/\($0)" }
        for name in names { session.join(name, ["hidden": true]) }
        for _ in 0..<5 {
            #expect(session.receiveAll().map(\.event) == names.map { _ in "ACKNOWLEDGE" })
            session.abort()
            application.driver.run()
            session = try application.connect("ann", token: token)
            for name in names { session.join(name, ["hidden": true]) }
        }
        #expect(session.receiveAll().map(\.event) == names.map { _ in "ACKNOWLEDGE" })
        session.join("/room/0")
        #expect(session.receiveAll().map(\.event) == ["UNAUTHORIZED"], "one that is heard has no such right")
    }

    @Test func keepsTheSessionOfAClientThatWasTooSlow() throws {
        let application = try DurableApplication { $0.limits.outboundBytes = 16_384 }
        let (bob, witness) = try self.pair(application)
        let token = try #require(bob.token)
        bob.pauseReading()
        let text = String(repeating: "x", count: 1_000)
        for _ in 0..<40 {
            witness.send("/room/1", "say", ["n": .string(text)])
            #expect(witness.receiveAll().count == 1)
        }
        bob.resumeReading()
        #expect(bob.end?.code == 1013)
        let back = try application.connect("bob", token: token)
        #expect(back.token == token)
        #expect(witness.receiveAll().isEmpty, "nobody saw it go")
    }

    @Test func aJoinOfALostSocketIsNotAnsweredOnTheNextOne() throws {
        let pond = PondSocket(options: PondOptions().onTestCarrier)
        let endpoint = try pond.createEndpoint("/socket") { $0.accept() }
        let waiting = Lock<[CheckedContinuation<Void, Never>]>([])
        let lobby = try endpoint.createChannel("/room/:id") { context in
            await withCheckedContinuation { continuation in waiting.withLock { $0.append(continuation) } }
            context.accept()
        }
        lobby.keepHistory()
        let before = try pond.test.connect("/socket", headers: ["Pond-Session": "new"])
        before.join("/room/1")
        pond.test.run()
        #expect(waiting.withLock { $0.count } == 1)
        before.abort()
        let token = try #require(before.token)
        let after = try pond.test.connect("/socket", headers: ["Pond-Session": token])
        #expect(after.userId == before.userId)
        for continuation in waiting.withLock({ $0 }) { continuation.resume() }
        #expect(after.receiveAll().isEmpty, "what it did not ask for it does not hear")
        #expect(after.join(recovering: nil).map(\.requestId) == ["again"])
    }
}
