import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

/// Servers whose rooms have one history, while its store is away.
@Suite struct StoreAbsenceTests {
    private func lines(_ messages: [ServerMessage]) -> [String] {
        messages.map { "\($0.event)\($0.offset.map { " \($0)" } ?? "")\($0.payload["n"].map { " \($0.text)" } ?? "")" }
    }

    private func send(_ session: PondTestSession, _ n: Int, event: String = "say", id: String? = nil) {
        session.send(
            ClientMessage(
                action: .broadcast,
                event: event,
                channelName: "/durable/1",
                requestId: id ?? "id-\(n)",
                payload: ["n": .int(Int64(n))],
                wantsAcknowledgement: true
            )
        )
    }

    private func position(_ answer: [ServerMessage]) throws -> StreamPosition {
        let payload = try #require(answer.first?.payload)
        return StreamPosition(
            epoch: try #require(payload["epoch"]?.string),
            offset: UInt64(try #require(payload["offset"]?.int))
        )
    }

    private func wait(_ cluster: ClusterOfServers, _ time: Duration = .seconds(1)) {
        for server in cluster.servers { server.test.advance(by: time) }
        cluster.run()
    }

    private let channel = HistoryKey(endpoint: "/socket", channel: "/durable/1")

    @Test(arguments: [1, 3]) func localMembersSeeEachOtherAndOthersHaveItAfterwards(shards: Int) throws {
        let cluster = try ClusterOfServers(2, shards: shards)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (amy, _) = try cluster.joinDurable("amy", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        self.send(ann, 1)
        cluster.run()
        for session in [ann, amy, bob] { _ = session.receiveAll() }
        cluster.store.isAway = true
        self.send(ann, 2)
        cluster.run()
        #expect(amy.receiveAll().isEmpty)
        self.wait(cluster)
        #expect(self.lines(amy.receiveAll()) == ["said 2"])
        // From now on at once.
        self.send(amy, 3)
        cluster.run()
        #expect(self.lines(amy.receiveAll()) == ["said 3"])
        #expect(self.lines(ann.receiveAll()) == ["said 2", "said 3"])
        #expect(bob.receiveAll().isEmpty)
        #expect(cluster.servers[0].clusterStatistics?.shownApart == 2)
        cluster.store.comeBack()
        cluster.run()
        #expect(self.lines(bob.receiveAll()) == ["said 2 2", "said 3 3"])
        #expect(self.lines(ann.receiveAll()) == ["DELIVERED"])
        #expect(self.lines(amy.receiveAll()) == ["DELIVERED"])
        self.send(bob, 4)
        cluster.run()
        #expect(self.lines(ann.receiveAll()) == ["said 4 4"])
        #expect(cluster.servers[0].clusterStatistics?.unstored == 0)
    }

    @Test func aSenderWhoKnowsMoreThanTheNodeIsSeenAfterWhatTheNodeLacks() throws {
        let cluster = try ClusterOfServers(1)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let start = try self.position(answer)
        self.send(ann, 1)
        cluster.run()
        cluster.store.isAway = true
        let known = StreamPosition(epoch: start.epoch, offset: 3)
        let bob = try cluster.joinDurable("bob", on: 0, recovering: known, waiting: .seconds(5)).session
        _ = ann.receiveAll()
        self.send(bob, 4)
        self.wait(cluster)
        self.send(ann, 2)
        self.wait(cluster)
        #expect(self.lines(ann.receiveAll()) == ["said 2"])
        #expect(self.lines(bob.receiveAll()).contains("said 2"))
    }

    @Test func aMemberWhoLacksWhatASenderSaidBeforeDoesNotSeeItWithoutNumber() throws {
        let cluster = try ClusterOfServers(1)
        cluster.store.isAway = true
        let little = StreamPosition(epoch: "one", offset: 5)
        let much = StreamPosition(epoch: "one", offset: 9)
        let ann = try cluster.joinDurable("ann", on: 0, recovering: little, waiting: .seconds(20)).session
        let bob = try cluster.joinDurable("bob", on: 0, recovering: much, waiting: .seconds(20)).session
        _ = (ann.receiveAll(), bob.receiveAll())
        self.send(bob, 1)
        self.send(ann, 2)
        self.wait(cluster)
        #expect(self.lines(ann.receiveAll()) == ["said 2"])
        #expect(self.lines(bob.receiveAll()) == ["said 1", "said 2"])
        let cleo = try cluster.joinDurable("cleo", on: 0, recovering: little, waiting: .seconds(20))
        #expect(self.lines(cleo.answer) == ["ACKNOWLEDGE", "said 2"])
    }

    @Test func aBlipKeepsTheOrderThatItAlwaysHad() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        cluster.store.isAway = true
        self.send(ann, 1)
        self.wait(cluster, .milliseconds(900))
        #expect(ann.receiveAll().isEmpty)
        cluster.store.comeBack()
        cluster.run()
        #expect(Set(self.lines(ann.receiveAll())) == ["said 1 1", "DELIVERED"])
    }

    @Test func whoHoldsShowsNothingUntilTheStoreIsBack() throws {
        let cluster = try ClusterOfServers(1)
        cluster.store.whileAway = .hold
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        cluster.store.isAway = true
        self.send(ann, 1)
        self.wait(cluster, .seconds(20))
        #expect(ann.receiveAll().isEmpty)
        cluster.store.comeBack()
        cluster.run()
        #expect(Set(self.lines(ann.receiveAll())) == ["said 1 1", "DELIVERED"])
    }

    @Test func whoJoinsMeanwhileIsLetInAndHasWhatTheOthersHave() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        self.send(ann, 1)
        cluster.run()
        cluster.store.isAway = true
        self.send(ann, 2)
        self.wait(cluster)
        let (bob, answer) = try cluster.joinDurable("bob", on: 0)
        #expect(try self.position(answer).offset == 1)
        #expect(self.lines(answer) == ["ACKNOWLEDGE", "said 2"])
        // A second join of a member that hears does not say it again.
        bob.join("/durable/1")
        cluster.run()
        #expect(self.lines(bob.receiveAll()) == ["ACKNOWLEDGE"])
        cluster.store.comeBack()
        cluster.run()
        #expect(bob.receiveAll().isEmpty)
        // Whoever recovers from before gets it with its number.
        let start = try self.position(answer)
        let back = try cluster.joinDurable("cleo", on: 0, recovering: StreamPosition(epoch: start.epoch, offset: 0))
        #expect(self.lines(back.answer) == ["ACKNOWLEDGE", "said 1 1", "said 2 2"])
    }

    @Test func whatMemoryHoldsIsRecoveredWhileTheStoreIsAwayAndTheRestIsRefused() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let epoch = try self.position(answer).epoch
        for n in 1...3 { self.send(ann, n) }
        cluster.run()
        cluster.store.isAway = true
        self.send(ann, 4)
        self.wait(cluster)
        let near = try cluster.joinDurable("bob", on: 0, recovering: StreamPosition(epoch: epoch, offset: 1))
        #expect(self.lines(near.answer) == ["ACKNOWLEDGE", "said 2 2", "said 3 3", "said 4"])
        #expect(near.answer.first?.payload["recovered"] == true)
        // It heard more elsewhere than this node has: it has missed nothing.
        let ahead = try cluster.joinDurable("cleo", on: 0, recovering: StreamPosition(epoch: epoch, offset: 9))
        #expect(ahead.answer.isEmpty)
        self.wait(cluster, .seconds(5))
        let late = ahead.session.receiveAll()
        #expect(self.lines(late) == ["ACKNOWLEDGE", "said 4"])
        #expect(late.first?.payload["recovered"] == true)
        let other = try cluster.joinDurable("dan", on: 0, recovering: StreamPosition(epoch: "other", offset: 1))
        #expect(other.answer.first?.payload["recovered"] == false)
    }

    /// A store that does not answer in time has not said that it does not reach back.
    @Test(arguments: [1, 3]) func whoCannotRecoverWhileTheStoreIsAwayRecoversWhenItAnswers(shards: Int) throws {
        let cluster = try ClusterOfServers(2, shards: shards)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let start = try self.position(answer)
        for n in 1...3 { self.send(ann, n) }
        cluster.run()
        // The second node opened the channel behind these, and has none of them in memory.
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        cluster.store.isAway = true
        let (cleo, first) = try cluster.joinDurable("cleo", on: 1, recovering: start)
        #expect(first.isEmpty)
        self.wait(cluster, .seconds(5))
        let waiting = try #require(cleo.receiveAll().first)
        #expect(waiting.event == "ACKNOWLEDGE")
        #expect(waiting.payload["apart"] == true && waiting.payload["epoch"] == nil)
        // What is said meanwhile comes after what she missed, in whichever way it comes.
        self.send(bob, 4)
        self.send(cleo, 5)
        self.wait(cluster)
        #expect(self.lines(bob.receiveAll()) == ["said 4", "said 5"])
        #expect(cleo.receiveAll().isEmpty)
        cluster.store.comeBack()
        self.wait(cluster)
        #expect(cleo.end?.code == 1013)
        #expect(cleo.receiveAll().allSatisfy { $0.event == "DELIVERED" })
        let token = try #require(cleo.greeting?.payload["pond"]?["session"]?.string)
        let back = try cluster.joinDurable("cleo", on: 1, token: token, recovering: start)
        #expect(back.answer.first?.payload["recovered"] == true)
        #expect(self.lines(back.answer) == ["ACKNOWLEDGE"] + (1...5).map { "said \($0) \($0)" })
        withExtendedLifetime(ann) {}
    }

    @Test func aChannelThatNobodyKnowsOpensWithoutNumbersAndMembersJoinAgainWhenItHasThem() throws {
        let cluster = try ClusterOfServers(2)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        self.send(bob, 1)
        cluster.run()
        cluster.store.isAway = true
        let (ann, nothing) = try cluster.joinDurable("ann", on: 0)
        #expect(nothing.isEmpty)
        self.wait(cluster, .seconds(2))
        let answer = try #require(ann.receive())
        #expect(answer.event == "ACKNOWLEDGE" && answer.payload["apart"] == true && answer.payload["epoch"] == nil)
        self.send(ann, 2)
        self.wait(cluster)
        #expect(self.lines(ann.receiveAll()) == ["said 2"])
        _ = bob.receiveAll()
        cluster.store.comeBack()
        cluster.run()
        #expect(ann.end?.code == 1013)
        #expect(self.lines(bob.receiveAll()) == ["said 2 2"])
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        let back = try cluster.joinDurable("ann", on: 0, token: token)
        #expect(try self.position(back.answer).offset == 2)
        #expect(cluster.store.broadcasts(in: self.channel).count == 2)
    }

    @Test(arguments: [1, 4, 10])
    func whoIsToRecoverSomethingWaitsForItRatherThanHearingWhatCameAfterItFirst(seconds: Int) throws {
        let cluster = try ClusterOfServers(2)
        let (bob, answer) = try cluster.joinDurable("bob", on: 1)
        let start = try self.position(answer)
        self.send(bob, 1)
        cluster.run()
        cluster.store.isAway = true
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        self.wait(cluster, .seconds(2))
        let (cleo, nothing) = try cluster.joinDurable("cleo", on: 0, recovering: start)
        self.send(ann, 2)
        for _ in 0..<seconds { self.wait(cluster) }
        #expect(ann.receiveAll().last?.event == "said")
        let early = nothing + cleo.receiveAll()
        cluster.store.comeBack()
        cluster.run()
        if seconds < 5 {
            #expect(early.isEmpty && cleo.end == nil)
            let heard = cleo.receiveAll()
            #expect(heard.first?.payload["recovered"] == true)
            #expect(heard.compactMap { $0.payload["n"]?.int } == [1, 2])
        } else {
            // The store was away for longer than anybody wants to wait: it is let in, and joins again later.
            #expect(early.first?.payload["apart"] == true && cleo.end?.code == 1013)
        }
    }

    @Test func aChannelThatWasKnownBeforeOpensWhereItWas() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, answer) = try cluster.joinDurable("ann", on: 0)
        let epoch = try self.position(answer).epoch
        self.send(ann, 1)
        cluster.run()
        ann.leave("/durable/1")
        cluster.run()
        cluster.store.isAway = true
        let (amy, _) = try cluster.joinDurable("amy", on: 0)
        self.wait(cluster, .seconds(2))
        #expect(try self.position(amy.receiveAll()) == StreamPosition(epoch: epoch, offset: 2))
        self.send(amy, 2)
        self.wait(cluster)
        #expect(self.lines(amy.receiveAll()) == ["said 2"])
        cluster.store.comeBack()
        cluster.run()
        #expect(amy.end == nil)
        #expect(self.lines(amy.receiveAll()) == ["DELIVERED"])
        #expect(cluster.store.broadcasts(in: self.channel).map(\.payload) == [["n": 1], ["n": "ann"], ["n": 2]])
    }

    @Test func whatAnotherNodeHandledMeanwhileIsNotShownAgainHere() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        let (amy, _) = try cluster.joinDurable("amy", on: 0)
        let (bob, _) = try cluster.joinDurable("bob", on: 1)
        let token = try #require(ann.greeting?.payload["pond"]?["session"]?.string)
        cluster.store.isAway = true
        self.send(ann, 1, event: "twice", id: "one")
        self.wait(cluster)
        #expect(self.lines(amy.receiveAll()) == ["said 1", "others 1"])
        // The client gives the node up and repeats on another.
        let (again, _) = try cluster.joinDurable("ann", on: 1, token: token)
        self.wait(cluster)
        self.send(again, 1, event: "twice", id: "one")
        self.wait(cluster)
        cluster.store.comeBack()
        cluster.run()
        #expect(cluster.store.broadcasts(in: self.channel).count == 2)
        #expect(amy.receiveAll().isEmpty)
        // The other node was apart, too, and showed it there: once.
        #expect(bob.receiveAll().map(\.event) == ["said", "others"])
    }

    @Test func whatTheStoreHasNoRoomForFailsAndIsCounted() throws {
        let cluster = try ClusterOfServers(1)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        cluster.store.isAway = true
        self.send(ann, 1)
        self.wait(cluster)
        cluster.store.hasRoom = false
        self.send(ann, 2)
        cluster.run()
        #expect(self.lines(ann.receiveAll()) == ["said 1", "CHANNEL_ERROR"])
        #expect(cluster.servers[0].clusterStatistics?.unstored == 1)
        cluster.store.comeBack()
        cluster.run()
        #expect(self.lines(ann.receiveAll()) == ["DELIVERED"])
    }

    @Test func aStoreThatLostItsNumberingTakesWhatWasShownIntoTheNextOne() throws {
        let cluster = try ClusterOfServers(1)
        let (ann, _) = try cluster.joinDurable("ann", on: 0)
        self.send(ann, 1)
        cluster.run()
        _ = ann.receiveAll()
        cluster.store.isAway = true
        self.send(ann, 2)
        self.wait(cluster)
        #expect(self.lines(ann.receiveAll()) == ["said 2"])
        cluster.store.lose()
        cluster.store.comeBack()
        cluster.run()
        #expect(ann.end?.code == 1013)
        #expect(cluster.store.broadcasts(in: self.channel).map(\.payload) == [["n": 2]])
    }
}
