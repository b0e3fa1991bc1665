import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// Several servers among which sessions move.
@Suite struct SharedSessionTests {
    private func events(_ session: PondTestSession) -> [String] { session.receiveAll().map(\.event) }

    /// Two members on different servers, who have heard all there is to hear.
    private func pair(_ cluster: ClusterOfServers) throws -> (PondTestSession, PondTestSession) {
        let (ann, bob) = (try cluster.join("ann", on: 0), try cluster.join("bob", on: 1))
        cluster.pass(.seconds(5))
        _ = (cluster.heard(ann), cluster.heard(bob))
        return (ann, bob)
    }

    @Test(arguments: [1, 3]) func aSessionGoesOnWithAnotherNodeAndNobodySeesIt(shards: Int) throws {
        let cluster = try ClusterOfServers(3, shards: shards)
        let (ann, bob) = try self.pair(cluster)
        let carol = try cluster.join("carol", on: 2)
        cluster.pass(.seconds(5))
        carol.send("/chat/1", "assign", ["to": "ann"])
        ann.send("/chat/1", "status", ["name": "ann", "mood": "good"])
        _ = (cluster.heard(bob), cluster.heard(carol), cluster.heard(ann))
        ann.abort()
        let back = try cluster.comeBack(ann, on: 1)
        #expect(back.userId == "ann")
        #expect(back.greeting?.payload["pond"]?["session"] == ann.greeting?.payload["pond"]?["session"])
        back.join("/chat/1")
        cluster.run()
        let answer = back.receiveAll()
        #expect(answer.first?.event == "ACKNOWLEDGE")
        #expect(answer.last?.payload["presence"]?.array?.count == 3)
        back.send("/chat/1", "look")
        let seen = try #require(cluster.heard(back).last)
        #expect(seen.contains(#"["ann",{"name":"ann","role":"admin"},{"name":"ann","mood":"good"}]"#))
        for _ in 0..<3 {
            cluster.pass(.seconds(10))
            #expect(cluster.heard(bob) + cluster.heard(carol) == [])
        }
        // Now it is the second node's to say that it left.
        #expect(cluster.gone.withLock { $0 } == [])
        back.leave("/chat/1")
        #expect(cluster.heard(bob).map { $0.prefix(5) } == ["LEAVE"])
        #expect(cluster.heard(carol).map { $0.prefix(5) } == ["LEAVE"])
        #expect(cluster.gone.withLock { $0 } == ["ann"])
    }

    /// How a client that came back with its session does not come back to its channel.
    enum Absence: CaseIterable {
        case staysAway
        case leaves
        case closes
        case goesOnElsewhere
    }

    @Test(arguments: Absence.allCases)
    func aMembershipThatNobodyClaimsEndsWithOneLeaveAndItsHandlersRunOnce(absence: Absence) throws {
        let cluster = try ClusterOfServers(3)
        let (ann, bob) = try self.pair(cluster)
        var back = try cluster.comeBack(ann, on: 2)
        cluster.run()
        #expect(cluster.gone.withLock { $0 } == [])
        switch absence {
        case .staysAway: break
        case .leaves: back.leave("/chat/1")
        case .closes: back.close()
        case .goesOnElsewhere:
            cluster.pass(.seconds(10))
            back = try cluster.comeBack(back, on: 1)
        }
        cluster.run()
        #expect(cluster.gone.withLock { $0 } == (absence == .leaves || absence == .closes ? ["ann"] : []))
        cluster.pass(.seconds(120))
        #expect(cluster.gone.withLock { $0 } == ["ann"])
        #expect(self.events(bob) == ["LEAVE"])
        back.join("/chat/1")
        cluster.pass(.seconds(60))
        #expect(cluster.gone.withLock { $0 } == ["ann"])
    }

    @Test func aLeaveHandlerOfARoomThatNobodyIsInIsHeardByTheOtherNodes() throws {
        let cluster = try ClusterOfServers(3)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        var headers = HTTPHeaders()
        headers.add("Pond-Session", token)
        let back = try cluster.servers[2].test.connect("/socket?as=ann", headers: headers)
        back.leave("/durable/1")
        cluster.run()
        #expect(bob.receiveAll().map { "\($0.event) \($0.payload)" } == [#"went {"n":"ann"}"#])
        cluster.pass(.seconds(60))
        #expect(bob.receiveAll().isEmpty && cluster.gone.withLock { $0 } == ["ann"])
        #expect(cluster.servers[2].channelCount == 0)
    }

    @Test func aFirstVersionClientMakesNoSession() throws {
        let cluster = try ClusterOfServers(1)
        let server = cluster.servers[0]
        let bob = try server.test.connect("/socket?as=bob")
        cluster.run()
        #expect(bob.greeting?.payload["pond"] == ["v": 2])
        #expect(server.core.sessions.withLock { $0.count } == 0)
        #expect(cluster.sessions.sessions.count == 0)
        _ = try server.test.connect("/socket?as=carol", headers: ["Pond-Session": "new"])
        cluster.run()
        #expect(server.core.sessions.withLock { $0.count } == 1)
        #expect(cluster.sessions.sessions.count == 1)
    }

    @Test func aSessionOfANodeThatDiedIsTakenAndItsDeathIsNoLeave() throws {
        let cluster = try ClusterOfServers(3)
        let (ann, _) = try self.pair(cluster)
        let carol = try cluster.join("carol", on: 2)
        cluster.pass(.seconds(5))
        _ = cluster.heard(carol)
        let back = try cluster.comeBack(ann, on: 2)
        back.join("/chat/1")
        cluster.run(but: 0)
        _ = carol.receiveAll()
        cluster.pass(.seconds(200), but: 0)
        #expect(cluster.servers[2].clusterStatistics?.deadNodes == 1)
        #expect(carol.receiveAll().map(\.event) == [])
        #expect(back.userId == "ann")
    }

    @Test func aSessionIsTakenWhileItsSocketLivesWhichIsToldSo() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = try self.pair(cluster)
        let back = try cluster.comeBack(ann, on: 1)
        cluster.run()
        #expect(ann.end?.code == TransportEnd.takenOver)
        #expect(back.userId == "ann" && self.events(bob) == [])
    }

    @Test func oneNodeAtATimeHasASession() throws {
        let cluster = try ClusterOfServers(3)
        let (ann, bob) = try self.pair(cluster)
        let second = try cluster.comeBack(ann, on: 1)
        let third = try cluster.comeBack(ann, on: 2)
        cluster.run()
        #expect(ann.end?.code == TransportEnd.takenOver && second.end?.code == TransportEnd.takenOver)
        #expect(third.userId == "ann" && third.end == nil)
        let home = try cluster.comeBack(ann, on: 0)
        home.join("/chat/1")
        cluster.pass(.seconds(30))
        #expect(third.end?.code == TransportEnd.takenOver && home.end == nil)
        #expect(self.events(bob) == [])
    }

    @Test func aNodeThatMissedTheTakeLearnsOfItWhenItIsCutOffNoMore() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try self.pair(cluster)
        cluster.sessions.isMute = true
        let back = try cluster.comeBack(ann, on: 1)
        cluster.run()
        #expect(ann.end == nil && back.userId == "ann")
        cluster.sessions.comeBack()
        cluster.run()
        #expect(ann.end?.code == TransportEnd.takenOver && back.end == nil)
    }

    @Test func aSocketThatResumesAnOutdatedCopyOfItsSessionKeepsTheSession() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = try self.pair(cluster)
        // The first node misses that the second one took the session, and the client comes back to the first one.
        cluster.sessions.isMute = true
        _ = try cluster.comeBack(ann, on: 1)
        let stale = try cluster.comeBack(ann, on: 0)
        cluster.run()
        #expect(stale.end?.code == 1013, "another code would make the client give its session up")
        let back = try cluster.comeBack(ann, on: 0)
        cluster.run()
        #expect(back.userId == "ann" && back.end == nil && self.events(bob) == [])
    }

    @Test func sessionsThatTheStoreLostAreStoredAgain() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try self.pair(cluster)
        let before = cluster.sessions.sessions.mapValues(\.record)
        cluster.sessions.lose()
        cluster.run()
        #expect(cluster.sessions.sessions.mapValues(\.record) == before)
        #expect(try cluster.comeBack(ann, on: 1).userId == "ann")
    }

    @Test func whoIsGoneIsNobodysSession() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = try self.pair(cluster)
        ann.close()
        cluster.run()
        #expect(try cluster.comeBack(ann, on: 1).userId == "stranger")
        cluster.sessions.dead = ["node1"]
        #expect(try cluster.comeBack(bob, on: 0).userId == "stranger")
    }

    @Test func aTokenIsNotWhatTheStoreKnows() throws {
        let cluster = try ClusterOfServers(1)
        let ann = try cluster.join("ann", on: 0)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        #expect(cluster.sessions.sessions.keys.allSatisfy { !token.contains($0) })
        #expect("\(cluster.sessions.sessions)".contains(token) == false)
    }

    @Test func aServerThatDrainsHandsItsSessionsOver() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = try self.pair(cluster)
        cluster.servers[0].drain(over: .seconds(5))
        cluster.run()
        ann.close()
        cluster.run()
        let back = try cluster.comeBack(ann, on: 1)
        back.join("/chat/1")
        cluster.run()
        #expect(back.userId == "ann")
        cluster.servers[0].closeAll()
        cluster.pass(.seconds(30))
        #expect(self.events(bob) == [])
    }
}
