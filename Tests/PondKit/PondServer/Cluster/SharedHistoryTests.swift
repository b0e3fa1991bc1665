import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// Several servers whose rooms have one history.
@Suite struct SharedHistoryTests {
    private func lines(_ messages: [ServerMessage]) -> [String] {
        messages.map { "\($0.event)\($0.offset.map { " \($0)" } ?? "")\($0.payload["n"].map { " \($0.text)" } ?? "")" }
    }

    private func position(_ answer: [ServerMessage]) throws -> StreamPosition {
        let payload = try #require(answer.first?.payload)
        return StreamPosition(
            epoch: try #require(payload["epoch"]?.string),
            offset: UInt64(try #require(payload["offset"]?.int))
        )
    }

    private func send(_ session: PondTestSession, _ n: Int, event: String = "say", id: String) {
        session.send(
            ClientMessage(
                action: .broadcast,
                event: event,
                channelName: "/durable/1",
                requestId: id,
                payload: ["n": .int(Int64(n))],
                wantsAcknowledgement: true
            )
        )
    }

    @Test(arguments: [1, 3]) func aChannelHasOneNumberingOverAllNodes(shards: Int) throws {
        let cluster = try ClusterOfServers(3, shards: shards)
        let members = try ["a", "b", "c"].enumerated().map {
            try cluster.joinDurable($0.element, on: $0.offset).session
        }
        for n in 1...6 {
            members[n % 3].send("/durable/1", "say", ["n": .int(Int64(n))])
            cluster.run()
        }
        let expected = (1...6).map { "said \($0) \($0)" }
        for member in members { #expect(self.lines(member.receiveAll()) == expected) }
    }

    /// Each node chose an epoch of its own before there was one; only one of them begins.
    @Test(arguments: [1, 3]) func nodesThatOpenAChannelAtOnceTellTheirMembersOneNumbering(shards: Int) throws {
        let cluster = try ClusterOfServers(3, shards: shards)
        cluster.store.isAway = true
        let joining = try ["ann", "bob", "cleo"].enumerated().map {
            try cluster.joinDurable($0.element, on: $0.offset).session
        }
        cluster.store.comeBack()
        cluster.run()
        let positions = try joining.map { try self.position($0.receiveAll()) }
        #expect(Set(positions.map(\.epoch)).count == 1)
        #expect(joining.allSatisfy { $0.end == nil })
        for n in 1...3 { joining[n - 1].send("/durable/1", "say", ["n": .int(Int64(n))]) }
        cluster.run()
        cluster.run()
        for member in joining { #expect(self.lines(member.receiveAll()) == (1...3).map { "said \($0) \($0)" }) }
    }

    @Test func whoLosesItsNodeRecoversOnAnother() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let epoch = try self.position(answer).epoch
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        for n in 1...5 { ann.send("/durable/1", "say", ["n": .int(Int64(n))]) }
        cluster.run()
        #expect(ann.receiveAll().count == 5 && bob.receiveAll().count == 5)
        // Ann heard up to 2 on the first node; the second has all of it in memory.
        let back = try cluster.joinDurable("ann", on: 1, recovering: StreamPosition(epoch: epoch, offset: 2))
        #expect(self.lines(back.answer) == ["ACKNOWLEDGE", "said 3 3", "said 4 4", "said 5 5"])
        #expect(back.answer.first?.payload["recovered"] == true)
    }

    @Test func aNodeWithoutMembersUntilNowReplaysFromTheStore() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let start = try self.position(answer)
        for n in 1...3 { ann.send("/durable/1", "say", ["n": .int(Int64(n))]) }
        cluster.run()
        let back = try cluster.joinDurable("bob", on: 1, recovering: start)
        #expect(self.lines(back.answer) == ["ACKNOWLEDGE", "said 1 1", "said 2 2", "said 3 3"])
    }

    @Test func aNodeThatMissedAnnouncementsFillsTheGapBeforeItGoesOn() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        cluster.store.isMute = true
        for n in 1...3 { ann.send("/durable/1", "say", ["n": .int(Int64(n))]) }
        cluster.run()
        #expect(bob.receiveAll().isEmpty)
        cluster.store.isMute = false
        ann.send("/durable/1", "say", ["n": 4])
        cluster.run()
        #expect(bob.receiveAll().isEmpty)
        cluster.servers[1].test.advance(by: .milliseconds(100))
        #expect(self.lines(bob.receiveAll()) == (1...4).map { "said \($0) \($0)" })
    }

    @Test func aMemberThatHeardMoreElsewhereIsCaughtUpWithFirst() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let epoch = try self.position(answer).epoch
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        cluster.store.isMute = true
        for n in 1...3 { ann.send("/durable/1", "say", ["n": .int(Int64(n))]) }
        cluster.run()
        let back = try cluster.joinDurable("ann", on: 1, recovering: StreamPosition(epoch: epoch, offset: 3))
        #expect(self.lines(back.answer) == ["ACKNOWLEDGE"])
        #expect(back.answer.first?.payload["recovered"] == true)
        #expect(self.lines(bob.receiveAll()) == (1...3).map { "said \($0) \($0)" })
    }

    @Test func deliveredIsSaidOfWhatIsStoredOnly() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        cluster.store.isAway = true
        self.send(ann, 1, id: "one")
        cluster.run()
        #expect(ann.receiveAll().isEmpty && bob.receiveAll().isEmpty)
        cluster.store.comeBack()
        cluster.run()
        #expect(Set(self.lines(ann.receiveAll())) == ["said 1 1", "DELIVERED"])
        #expect(self.lines(bob.receiveAll()) == ["said 1 1"])
    }

    @Test(arguments: ["say", "twice"]) func aRepeatOnAnotherNodeIsNotSeenTwice(event: String) throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        // The first node has handled it and waits for the store, when the client gives it up.
        cluster.store.isAway = true
        self.send(ann, 1, event: event, id: "one")
        cluster.run()
        cluster.store.comeBack()
        let (again, _) = try cluster.joinDurable("ann", on: 1, token: token)
        self.send(again, 1, event: event, id: "one")
        cluster.run()
        #expect(again.receiveAll().last?.event == "DELIVERED")
        #expect(self.lines(bob.receiveAll()) == (event == "say" ? ["said 1 1"] : ["said 1 1", "others 2 1"]))
    }

    @Test func aRequestThatWasOnlyAnsweredIsNotHandledAgainOnAnotherNode() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        self.send(ann, 1, event: "ask", id: "one")
        self.send(ann, 2, event: "nosuch", id: "two")
        cluster.run()
        #expect(ann.receiveAll().map(\.event) == ["answer", "DELIVERED", "HANDLER_NOT_FOUND"])
        let (again, _) = try cluster.joinDurable("ann", on: 1, token: token)
        self.send(again, 1, event: "ask", id: "one")
        self.send(again, 2, event: "nosuch", id: "two")
        self.send(again, 3, event: "ask", id: "three")
        cluster.run()
        #expect(again.receiveAll().map(\.event) == ["DELIVERED", "HANDLER_NOT_FOUND", "answer", "DELIVERED"])
        #expect(cluster.asked.withLock { $0 } == 2)
    }

    @Test func twoNodesThatHandleOneRequestPutItInOnce() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        let (again, _) = try cluster.joinDurable("ann", on: 1, token: token)
        cluster.store.isAway = true
        self.send(ann, 1, id: "one")
        self.send(again, 1, id: "one")
        cluster.run()
        cluster.store.comeBack()
        cluster.run()
        let channel = HistoryKey(endpoint: "/socket", channel: "/durable/1")
        #expect(cluster.store.broadcasts(in: channel).count == 1)
        #expect(again.receiveAll().map(\.event).sorted() == ["DELIVERED", "said"])
    }

    @Test func aMessageOfAnotherRuntimeIsNumberedOnceForAll() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        let foreign = DistributedMessage(
            messageId: "f1",
            sourceNodeId: "python",
            endpointName: "socket",
            channelName: "/durable/1",
            timestamp: 1,
            body: .userMessage(
                DistributedMessage.Broadcast(
                    fromUserId: "CHANNEL",
                    event: "said",
                    payload: ["n": 1],
                    requestId: "r",
                    recipients: .allUsers
                )
            )
        )
        let topic = ClusterTopics().channel("/durable/1", endpoint: "/socket")
        for _ in 0..<2 { try cluster.carrier.publish(foreign.encoded(), to: topic) }
        cluster.run()
        #expect(self.lines(ann.receiveAll()) == ["said 1 1"])
        #expect(self.lines(bob.receiveAll()) == ["said 1 1"])
    }

    @Test func aStoreThatLostEverythingMakesMembersJoinAgainAndSaysSo() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let before = try self.position(answer)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        ann.send("/durable/1", "say", ["n": 1])
        cluster.run()
        _ = (ann.receiveAll(), bob.receiveAll())
        cluster.store.lose()
        self.send(ann, 2, id: "two")
        cluster.run()
        #expect(ann.end?.code == 1013)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        let back = try cluster.joinDurable("ann", on: 0, token: token, recovering: before)
        #expect(back.answer.first?.payload["recovered"] == false)
        #expect(try self.position(back.answer).epoch != before.epoch)
        // It was not lost for all that: it is the first of the new numbering.
        let channel = HistoryKey(endpoint: "/socket", channel: "/durable/1")
        #expect(cluster.store.broadcasts(in: channel).map(\.payload) == [["n": 2]])
        cluster.servers[1].test.advance(by: .milliseconds(100))
        #expect(bob.end?.code == 1013)
    }
}
