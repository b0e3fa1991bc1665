import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

@Suite struct ShardTests {
    @Test func spreadsChannelsOverShards() {
        var homes = [0, 0, 0, 0]
        for index in 0..<4_000 { homes[ChannelKey(endpoint: 0, name: "/chat/\(index)").home(of: 4)] += 1 }
        #expect(homes.allSatisfy { $0 > 800 && $0 < 1_200 }, "\(homes)")
        #expect(ChannelKey(endpoint: 0, name: "/chat/1").home(of: 1) == 0)
    }

    @Test func keepsOneOrderForMembersOnEveryShard() throws {
        let pond = try TracedApplication.make()
        let driver = pond.test(shards: 3)
        let members = try (0..<9).map { try driver.connect("/socket?username=u\($0)", shard: $0) }
        for channel in 0..<5 {
            for member in members { member.join("/bench/\(channel)") }
        }
        #expect(members.allSatisfy { $0.receiveAll().map(\.event) == Array(repeating: "ACKNOWLEDGE", count: 5) })
        for index in 0..<60 {
            members[index % 9].send("/bench/\(index % 5)", "message", ["i": .int(Int64(index))])
        }
        let seen = members.map { member in
            Dictionary(grouping: member.receiveAll(), by: \.channelName).mapValues { $0.map(\.requestId) }
        }
        for other in seen.dropFirst() { #expect(other == seen[0]) }
        #expect(seen[0].values.allSatisfy { $0.count == 12 })
    }

    @Test func acknowledgesFirstWhereverTheChannelLives() throws {
        let pond = try TracedApplication.make()
        let driver = pond.test(shards: 4)
        for index in 0..<8 {
            let alice = try driver.connect("/socket?username=a", shard: index)
            let bob = try driver.connect("/socket?username=b", shard: index + 1)
            let channel = "/chat/\(index)"
            alice.join(channel)
            #expect(alice.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN"])
            bob.join(channel)
            bob.send(channel, "others", ["text": "x"])
            bob.send(channel, "ping")
            #expect(bob.receiveAll().map(\.event) == ["ACKNOWLEDGE", "JOIN", "pong"])
            #expect(alice.receiveAll().map(\.event) == ["JOIN", "others"])
            alice.send(channel, "kick", ["userId": .string(bob.userId)])
            #expect(bob.receiveAll().map(\.event) == ["EVICTED"])
            bob.abort()
            #expect(alice.receiveAll().map(\.event) == ["LEAVE"])
        }
    }

    /// Real threads: clients on four loops talk in channels whose homes are on all of them.
    @Test func losesAndReordersNothingBetweenThreads() async throws {
        let pond = try TracedApplication.make()
        let loops = pond.start(threads: 4)
        let clients = loops.flatMap { loop in (0..<3).map { _ in MemoryClient(pond, loop) } }
        for client in clients { await client.connect("/socket") }
        let channels = (0..<6).map { "/bench/\($0)" }
        for client in clients {
            for channel in channels {
                client.send(.joinChannel, channel)
                #expect(await client.next()?.event == "ACKNOWLEDGE")
            }
        }
        let rounds = 40
        for round in 0..<rounds {
            for (index, client) in clients.enumerated() {
                client.send(
                    .broadcast,
                    channels[(round + index) % 6],
                    "message",
                    ["c": .int(Int64(index)), "r": .int(Int64(round))]
                )
            }
        }
        var orders: [[String: [String]]] = []
        for client in clients {
            var order: [String: [String]] = [:]
            var last: [String: Int] = [:]
            for _ in 0..<(rounds * clients.count) {
                let message = try #require(await client.next())
                order[message.channelName, default: []].append(message.requestId)
                let sender = "\(message.channelName) \(message.payload["c"]?.int ?? -1)"
                let round = message.payload["r"]?.int ?? -1
                #expect(round > last[sender] ?? -1)
                last[sender] = round
            }
            orders.append(order)
        }
        for order in orders { #expect(order == orders[0]) }
        await pond.stop()
    }

    /// Joins and leaves of one channel race with its creation and destruction; in the end nobody is left in it.
    @Test func leavesNoGhostAfterAThousandJoinsAndLeaves() async throws {
        let pond = try TracedApplication.make()
        let loops = pond.start(threads: 4)
        await withTaskGroup { group in
            for index in 0..<20 {
                group.addTask {
                    let loop = loops[index % loops.count]
                    for round in 0..<50 {
                        let client = MemoryClient(pond, loop)
                        await client.connect("/socket?username=u\(index)")
                        let join = client.send(.joinChannel, "/chat/race")
                        if round % 3 == 0 { client.send(.broadcast, "/chat/race", "message", ["text": "x"]) }
                        while let message = await client.next(), message.requestId != join {}
                        switch round % 4 {
                        case 0: client.abort()
                        case 1:
                            client.send(.leaveChannel, "/chat/race")
                            client.abort()
                        default:
                            let leave = client.send(.leaveChannel, "/chat/race")
                            while let message = await client.next(), message.requestId != leave {}
                            client.abort()
                        }
                    }
                }
            }
        }
        for loop in loops {
            for _ in 0..<3 { _ = try await loop.run { true } }
        }
        let channel = try #require(pond.channel("/socket", "/chat/race"))
        #expect(await channel.users().isEmpty)
        #expect(await channel.presence().isEmpty)
        #expect(pond.channelCount == 0)
        #expect(pond.connectionCount == 0)
        await pond.stop()
    }
}
