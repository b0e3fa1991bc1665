import PondKit
import PondTesting
import Testing

/// Our client against the real `pondsocket` server for Python, where it gets narrow: names, sizes, crowds, races.
@Suite(
    .enabled(if: PythonServer.isInstalled, "scripts/peers.sh has not installed the PondSocket packages for Python"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct PythonServerEdgesTests {
    @Test func parametersAndNamesArriveWhole() async throws {
        let server = try await PythonServer()
        let name = "Jürgen & co = 日本 100%+"
        let client = try PythonServerTests.client(server.port, name)
        client.connect()
        let rooms = ["/chat/日本 ö", "/chat/a%20b", "/chat/1?x=1&y=%20", "/chat/2/", "/chat/%zz"].map {
            client.createChannel($0)
        }
        for room in rooms { room.join() }
        for room in rooms {
            try await room.joined()
            let me = try await room.sendForResponse("whoami")
            #expect(me["assigns"]?["username"]?.string == name, "\(room.name)")
        }
    }

    @Test func manyChannelsOnOneConnectionAnswerEachForItself() async throws {
        let server = try await PythonServer()
        let client = try PythonServerTests.client(server.port, "ann")
        client.connect()
        let channels = (0..<100).map { client.createChannel("/bench/\($0)") }
        for channel in channels { channel.join() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, channel) in channels.enumerated() {
                group.addTask {
                    let answer = try await channel.sendForResponse("echo", ["n": .int(Int64(number))])
                    #expect(answer["n"]?.int == number)
                }
            }
            try await group.waitForAll()
        }
        let big = String(repeating: "é", count: 400_000)
        let answer = try await channels[0].sendForResponse("echo", ["text": .string(big)], timeout: .seconds(20))
        #expect(answer["text"]?.string == big)
    }

    @Test func everyKindOfValueComesBackAsItWent() async throws {
        let server = try await PythonServer()
        let client = try PythonServerTests.client(server.port, "ann")
        client.connect()
        let room = client.createChannel("/chat/values")
        room.join()
        let odd: Payload = [
            "int64": 9_223_372_036_854_775_807, "beyond": 9_007_199_254_740_993, "negative": -9_223_372_036_854_775_808,
            "uint64": .uint(.max), "float": 1.5, "large": 1e300, "null": nil,
            "list": [nil, true, ["b": nil, "": "x"]],
            "text": "\u{0}\u{1f}\"\\/\u{2028}🦆", "empty": [:],
        ]
        #expect(try await room.sendForResponse("ping", odd).json == odd.json)
        _ = try await room.sendForResponse("assign", odd)
        let me = try await room.sendForResponse("whoami")
        for (key, value) in odd.json.object ?? [:] { #expect(me["assigns"]?[key] == value, "\(key)") }
    }

    @Test func leavesJoinsAndIsEvictedAsOftenAsOneLikes() async throws {
        let server = try await PythonServer()
        let ann = try PythonServerTests.client(server.port, "ann")
        let witness = try PythonServerTests.client(server.port, "witness")
        let seen = witness.createChannel("/chat/1")
        for client in [ann, witness] { client.connect() }
        seen.join()
        try await seen.joined()
        var room = ann.createChannel("/chat/1")
        for _ in 0..<20 {
            room.join()
            try await room.joined()
            room.leave()
            room = ann.createChannel("/chat/1")
        }
        room.join()
        try await room.joined()
        for _ in 0..<5 {
            let id = try #require(try await room.sendForResponse("whoami")["userId"])
            try seen.sendMessage("kick", ["userId": id])
            #expect(await until { room.state == .closed })
            room = ann.createChannel("/chat/1")
            room.join()
            try await room.joined()
        }
        #expect(
            await until { seen.presence.compactMap { $0.presence["username"]?.string }.sorted() == ["ann", "witness"] }
        )
    }

    @Test func requestsUnderWayEndWithTheConnection() async throws {
        let server = try await PythonServer()
        let client = try PythonServerTests.client(server.port, "ann")
        client.connect()
        let room = client.createChannel("/chat/1")
        room.join()
        try await room.joined()
        let ended = Collected<PondError>()
        let sent = Collected<String>()
        room.onOutboxChange { if $0.state == .sent { sent.add($0.id) } }
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    do throws(PondError) {
                        _ = try await room.sendForResponse("silent", timeout: .seconds(60))
                    } catch {
                        ended.add(error)
                    }
                }
            }
            group.addTask {
                _ = await until { sent.values.count == 50 }
                client.disconnect()
            }
        }
        #expect(ended.values.count == 50)
        #expect(ended.values.allSatisfy { $0.kind == .closed }, "not one of them waited until its time was over")
    }
}
