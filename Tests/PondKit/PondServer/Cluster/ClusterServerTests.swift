import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

@Suite struct ClusterServerTests {
    @Test(arguments: [1, 3]) func broadcastsReachTheMembersOfAllNodesOnceAndNobodyElse(shards: Int) throws {
        let cluster = try ClusterOfServers(3, shards: shards)
        let members = try ["a", "b", "c"].enumerated().map { try cluster.join($0.element, on: $0.offset, silent: true) }
        for member in members { _ = cluster.heard(member) }
        members[0].send("/chat/1", "say", ["n": 1])
        members[1].send("/chat/1", "others", ["n": 2])
        members[2].send("/chat/1", "to", ["to": "a"])
        #expect(cluster.heard(members[0]).sorted() == [#"said {"n":1}"#, #"said {"n":2}"#, #"said {"to":"a"}"#])
        #expect(cluster.heard(members[1]) == [#"said {"n":1}"#])
        #expect(cluster.heard(members[2]).sorted() == [#"said {"n":1}"#, #"said {"n":2}"#])
    }

    @Test func aBroadcastHasOneRequestIdEverywhere() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = (try cluster.join("ann", on: 0, silent: true), try cluster.join("bob", on: 1, silent: true))
        _ = (cluster.heard(ann), cluster.heard(bob))
        ann.send("/chat/1", "say")
        cluster.run()
        let (here, there) = (ann.receive(), bob.receive())
        #expect(here?.requestId == there?.requestId)
        #expect(there?.action == .broadcast)
    }

    @Test func presenceIsOneListForAllNodes() throws {
        let cluster = try ClusterOfServers(2)
        let ann = try cluster.join("ann", on: 0)
        _ = cluster.heard(ann)
        let bob = try cluster.join("bob", on: 1)
        #expect(cluster.heard(ann) == [#"JOIN {"presence":[{"name":"ann"},{"name":"bob"}],"changed":{"name":"bob"}}"#])
        let list = cluster.heard(bob).last
        #expect(list?.contains(#"{"name":"ann"}"#) == true && list?.contains(#"{"name":"bob"}"#) == true)
        bob.send("/chat/1", "status", ["name": "bob", "away": true])
        #expect(
            cluster.heard(ann) == [
                #"UPDATE {"presence":[{"name":"ann"},{"name":"bob","away":true}],"changed":{"name":"bob","away":true}}"#
            ]
        )
        bob.leave("/chat/1")
        #expect(cluster.heard(ann) == [#"LEAVE {"presence":[{"name":"ann"}],"changed":{"name":"bob","away":true}}"#])
        let carol = try cluster.join("carol", on: 1)
        _ = cluster.heard(ann)
        carol.abort()
        cluster.pass(.seconds(20))
        #expect(cluster.heard(ann) == [#"LEAVE {"presence":[{"name":"ann"}],"changed":{"name":"carol"}}"#])
    }

    @Test func aLateNodeKnowsUsersPresenceAndAssigns() throws {
        let cluster = try ClusterOfServers(2)
        let ann = try cluster.join("ann", on: 0)
        let bob = try cluster.join("bob", on: 1, silent: true)
        bob.send("/chat/1", "assign", ["to": "ann"])
        _ = cluster.heard(bob)
        bob.send("/chat/1", "look")
        let seen = #"["ann",{"name":"ann","role":"admin"},{"name":"ann"}],["bob",{"name":"bob"},null]"#
        #expect(cluster.heard(bob) == ["seen {\"users\":[\(seen)]}"])
        ann.send("/chat/1", "look")
        #expect(cluster.heard(ann).last == "seen {\"users\":[\(seen)]}")
    }

    /// The second node asks after the first has said who is there, and before the first listens.
    @Test func aNodeThatListensLateTellsThoseWhoAskedBefore() throws {
        let cluster = try ClusterOfServers(2)
        let ann = try cluster.servers[0].test.connect("/socket?as=ann")
        ann.join("/chat/1")
        let topic = ClusterTopics().channel("/chat/1", endpoint: "/socket")
        let said = Lock<[DistributedType]>([])
        _ = try cluster.carrier.subscribe(to: topic) { signal in
            guard case .message(_, let bytes) = signal, let message = try? DistributedMessage(parsing: bytes) else {
                return
            }
            said.withLock { $0.append(message.body.type) }
        }
        cluster.run()
        #expect(said.withLock { $0.contains(.stateRequest) && $0.contains(.stateResponse) })
        _ = ann
    }

    @Test func aUserOfAnotherNodeIsEvictedWithANotice() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = (try cluster.join("ann", on: 0), try cluster.join("bob", on: 1))
        _ = (cluster.heard(ann), cluster.heard(bob))
        ann.send("/chat/1", "kick", ["to": "bob"])
        #expect(cluster.heard(bob) == [#"EVICTED {"reason":"why"}"#])
        #expect(cluster.heard(ann) == [#"LEAVE {"presence":[{"name":"ann"}],"changed":{"name":"bob"}}"#])
    }

    @Test func anUnreadableEntryOfAStateIsCountedAndTheOthersAreShown() throws {
        let cluster = try ClusterOfServers(2)
        let ann = try cluster.join("ann", on: 0)
        _ = cluster.heard(ann)
        let text =
            #"{"protocol":"pondsocket.distributed","version":1,"type":"STATE_RESPONSE","messageId":"m","#
            + #""sourceNodeId":"js","endpointName":"socket","channelName":"/chat/1","timestamp":1,"#
            + #""users":[{"id":"bob","assigns":{},"presence":{"name":"bob"}},{"id":7},"#
            + #"{"id":"eve","assigns":{},"presence":{"name":"eve"}}]}"#
        try cluster.carrier.publish(Array(text.utf8), to: ClusterTopics().channel("/chat/1", endpoint: "/socket"))
        #expect(cluster.heard(ann).map { $0.prefix(4) } == ["JOIN", "JOIN"])
        #expect(cluster.servers[0].clusterStatistics?.refused == ["badEntry": 1])
    }

    @Test func whatAUserOfAnotherNodeShowsCanBeChangedAndEnded() throws {
        let cluster = try ClusterOfServers(3)
        let (ann, bob) = (try cluster.join("ann", on: 0), try cluster.join("bob", on: 1))
        let carol = try cluster.join("carol", on: 2, silent: true)
        cluster.pass(.seconds(5))
        _ = (cluster.heard(ann), cluster.heard(bob), cluster.heard(carol))
        ann.send("/chat/1", "mark", ["to": "bob"])
        let update = #"UPDATE {"presence":[{"name":"ann"},{"marked":true}],"changed":{"marked":true}}"#
        #expect(cluster.heard(ann) == [update])
        #expect(cluster.heard(bob).map { $0.prefix(6) } == ["UPDATE"])
        ann.send("/chat/1", "hide", ["to": "bob"])
        #expect(cluster.heard(ann) == [#"LEAVE {"presence":[{"name":"ann"}],"changed":{"marked":true}}"#])
        ann.send("/chat/1", "mark", ["to": "carol"])
        #expect(cluster.heard(ann).first?.hasPrefix("PRESENCE_ERROR") == true)
        ann.send("/chat/1", "mark", ["to": "nobody"])
        #expect(cluster.heard(ann).first?.hasPrefix("PRESENCE_ERROR") == true)
        bob.send("/chat/1", "look")
        #expect(cluster.heard(bob).last?.contains(#"["bob",{"name":"bob"},null]"#) == true)
    }

    @Test func aUserOfAnotherNodeCanBeShownUnderAKeyAndIsShownThereToo() throws {
        let cluster = try ClusterOfServers(3)
        let (ann, carol) = (try cluster.join("ann", on: 0), try cluster.join("carol", on: 2))
        let bob = try cluster.join("bob", on: 1, silent: true)
        cluster.pass(.seconds(5))
        for session in [ann, bob, carol] { _ = cluster.heard(session) }
        ann.send("/chat/1", "show", ["to": "bob", "key": "robert"])
        let list = #"JOIN {"presence":[{"name":"ann"},{"name":"carol"},{"shown":true}],"changed":{"shown":true}}"#
        #expect(cluster.heard(ann) == [list])
        #expect(
            cluster.heard(carol).map { $0.hasPrefix("JOIN") && $0.hasSuffix(#""changed":{"shown":true}}"#) } == [true]
        )
        #expect(cluster.heard(bob).map { $0.prefix(4) } == ["JOIN"])
        ann.send("/chat/1", "show", ["to": "bob"])
        #expect(cluster.heard(ann).first?.contains("tracked already") == true)
        ann.send("/chat/1", "show", ["to": "nobody"])
        #expect(cluster.heard(ann).first?.hasPrefix("PRESENCE_ERROR") == true)
        // One LEAVE, under the key it was shown by.
        bob.leave("/chat/1")
        #expect(cluster.heard(carol).map { $0.prefix(5) } == ["LEAVE"])
        #expect(cluster.heard(ann).map { $0.prefix(5) } == ["LEAVE"])
    }

    @Test func assignsOfARemoteUserAreLaidOverWhatItsNodeKnowsThoughThisOneKnowsNothing() throws {
        let cluster = try ClusterOfServers(2)
        let bob = try cluster.join("bob", on: 1, silent: true)
        // What the second node says of its users does not reach the first in time.
        let ann = try cluster.servers[0].test.connect("/socket?as=ann")
        ann.join("/chat/1", ["silent": true])
        for _ in 0..<4 { cluster.servers[0].test.run() }
        ann.send("/chat/1", "assign", ["to": "bob"])
        cluster.run()
        bob.send("/chat/1", "look")
        #expect(cluster.heard(bob).last?.contains(#"["bob",{"name":"bob","role":"admin"},null]"#) == true)
        cluster.pass(.seconds(5))
        ann.send("/chat/1", "look")
        #expect(cluster.heard(ann).last?.contains(#"["bob",{"name":"bob","role":"admin"},null]"#) == true)
    }

    @Test func aPersonOnTwoNodesIsOnePresenceAndIsEvictedFromBoth() throws {
        let cluster = try ClusterOfServers(3)
        let watcher = try cluster.join("watcher", on: 2)
        _ = cluster.heard(watcher)
        let first = try cluster.join("ann", on: 0)
        #expect(cluster.heard(watcher).count == 1)
        let second = try cluster.join("ann", on: 1)
        #expect(cluster.heard(watcher) == [])
        first.leave("/chat/1")
        #expect(cluster.heard(watcher) == [])
        first.join("/chat/1")
        _ = (cluster.heard(first), cluster.heard(second), cluster.heard(watcher))
        watcher.send("/chat/1", "kick", ["to": "ann"])
        #expect(cluster.heard(first).contains(#"EVICTED {"reason":"why"}"#))
        #expect(cluster.heard(second).contains(#"EVICTED {"reason":"why"}"#))
        #expect(cluster.heard(watcher).count == 1)
    }

    @Test func theUsersOfADeadNodeLeaveOnceEach() throws {
        let cluster = try ClusterOfServers(2)
        let ann = try cluster.join("ann", on: 0)
        let (bob, carol) = (try cluster.join("bob", on: 1), try cluster.join("carol", on: 1))
        _ = (cluster.heard(ann), bob, carol)
        cluster.pass(.seconds(60), but: 1)
        #expect(cluster.heard(ann) == [])
        cluster.pass(.seconds(60), but: 1)
        let leaves = ann.receiveAll()
        #expect(leaves.map(\.event) == ["LEAVE", "LEAVE"])
        #expect(cluster.servers[0].clusterStatistics?.deadNodes == 1)
        // It was only stopped, and now it is back.
        cluster.pass(.seconds(40))
        #expect(ann.receiveAll().map(\.event) == ["JOIN", "JOIN"])
    }

    @Test func nodesThatLiveAreNotTakenForDead() throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = (try cluster.join("ann", on: 0), try cluster.join("bob", on: 1))
        _ = (cluster.heard(ann), cluster.heard(bob))
        cluster.pass(.seconds(300))
        #expect(cluster.heard(ann) + cluster.heard(bob) == [])
    }

    @Test func whatIsNoMessageIsCountedAndHarmsNobody() throws {
        let cluster = try ClusterOfServers(1)
        let ann = try cluster.join("ann", on: 0)
        _ = cluster.heard(ann)
        let topic = ClusterTopics().channel("/chat/1", endpoint: "/socket")
        let elsewhere =
            #"{"protocol":"pondsocket.distributed","version":1,"type":"USER_MESSAGE","sourceNodeId":"n","#
            + #""channelName":"/chat/2","event":"said","payload":{}}"#
        for text in ["", "{}", "[1]", "nonsense", "\u{0}", elsewhere] {
            try cluster.carrier.publish(Array(text.utf8), to: topic)
            try cluster.carrier.publish(Array(text.utf8), to: ClusterTopics().heartbeat)
        }
        ann.send("/chat/1", "say", ["n": 1])
        #expect(cluster.heard(ann) == [#"said {"n":1}"#])
        let refused = cluster.servers[0].clusterStatistics?.refused
        #expect(refused?["malformed"] == 8)
        #expect(refused?["foreignProtocol"] == 2)
        #expect(refused?["misplaced"] == 1)
    }

    private static func envelope(_ type: String, _ fields: String, channel: String = "/chat/1") -> [UInt8] {
        Array(
            (#"{"protocol":"pondsocket.distributed","version":1,"type":"\#(type)","messageId":"m\#(fields.utf8.count)","#
                + #""sourceNodeId":"js","endpointName":"socket","channelName":"\#(channel)","timestamp":1,\#(fields)}"#)
                .utf8
        )
    }

    @Test(arguments: ["/chat/1", "/durable/1"])
    func dropsAndCountsAMessageOfAnotherNodeThatIsTooLargeForClients(_ room: String) throws {
        let cluster = try ClusterOfServers(1)
        let ann = try cluster.join("ann", on: 0, room: room, silent: true)
        _ = cluster.heard(ann)
        let topic = ClusterTopics().channel(room, endpoint: "/socket")
        for (text, id) in [(String(repeating: "x", count: 1024 * 1024), "r1"), ("small", "r2")] {
            let fields =
                #""fromUserId":"CHANNEL","event":"said","payload":{"text":"\#(text)"},"requestId":"\#(id)","#
                + #""recipientDescriptor":"ALL_USERS""#
            try cluster.carrier.publish(Self.envelope("USER_MESSAGE", fields, channel: room), to: topic)
        }
        #expect(cluster.heard(ann) == [#"said {"text":"small"}"#])
        #expect(ann.end == nil)
        #expect(cluster.servers[0].clusterStatistics?.refused["tooLarge"] == 1)
    }

    @Test func boundsTheListOfPresencesWithThoseOfOtherNodes() throws {
        let cluster = try ClusterOfServers(1)
        let ann = try cluster.join("ann", on: 0)
        _ = cluster.heard(ann)
        let topic = ClusterTopics().channel("/chat/1", endpoint: "/socket")
        let name = String(repeating: "n", count: 15_000)
        var frames: [ServerMessage] = []
        for number in 0..<100 {
            let fields = #""userId":"u\#(number)","presence":{"name":"\#(name)"}"#
            try cluster.carrier.publish(Self.envelope("PRESENCE_UPDATE", fields), to: topic)
            cluster.run()
            frames += ann.receiveAll()
        }
        #expect(frames.count > 50 && frames.count < 75, "\(frames.count)")
        #expect(frames.allSatisfy { $0.event == "JOIN" && $0.encoded().count <= 1024 * 1024 })
        #expect(cluster.servers[0].clusterStatistics?.overflows == 100 - frames.count)
        #expect(ann.end == nil)
    }

    @Test func readsALoneSurrogateOfAnotherNodeAsTheReplacementCharacter() throws {
        let cluster = try ClusterOfServers(1)
        let ann = try cluster.join("ann", on: 0)
        _ = cluster.heard(ann)
        let topic = ClusterTopics().channel("/chat/1", endpoint: "/socket")
        let users =
            #""users":[{"id":"cut","assigns":{"n":"\ud83d"},"presence":{"name":"\ud83d"}},"#
            + #"{"id":"whole","assigns":{},"presence":{"name":"whole"}}]"#
        try cluster.carrier.publish(Self.envelope("STATE_RESPONSE", users), to: topic)
        let said =
            #""fromUserId":"cut","event":"said","payload":{"t":"\ude00!"},"requestId":"r","recipientDescriptor":"ALL_USERS""#
        try cluster.carrier.publish(Self.envelope("USER_MESSAGE", said), to: topic)
        cluster.run()
        let frames = ann.receiveAll()
        #expect(frames.map(\.event) == ["JOIN", "JOIN", "said"])
        #expect(frames.first?.payload["changed"]?["name"] == "\u{FFFD}")
        #expect(frames.last?.payload["t"] == "\u{FFFD}!")
    }

    @Test func aServerThatStopsSaysGoodbyeForItsUsers() async throws {
        let cluster = try ClusterOfServers(2)
        let (ann, bob) = (try cluster.join("ann", on: 0), try cluster.join("bob", on: 1))
        _ = (cluster.heard(ann), cluster.heard(bob))
        cluster.servers[1].closeAll()
        #expect(cluster.heard(ann).map { $0.prefix(5) } == ["LEAVE"])
    }

    @Test func itsOwnMessagesAreKnownWithoutReadingThem() {
        let message = DistributedMessage(
            messageId: PondID.uuid(),
            sourceNodeId: "me",
            endpointName: "e",
            channelName: "c",
            timestamp: 1,
            body: .userLeft(userId: "u")
        )
        let bytes = message.encoded()
        #expect(DistributedMessage.isEcho(bytes, of: "me"))
        #expect(!DistributedMessage.isEcho(bytes, of: "m"))
        #expect(!DistributedMessage.isEcho(bytes, of: "mee"))
        for length in 0..<100 { #expect(!DistributedMessage.isEcho(Array(bytes.prefix(length)), of: "me")) }
        let nested = #"{"payload":{"sourceNodeId":"me"},"sourceNodeId":"other"}"#
        #expect(!DistributedMessage.isEcho(Array(nested.utf8), of: "me"))
    }
}
