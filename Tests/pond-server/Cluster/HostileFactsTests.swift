import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

/// What stands in Redis, written by somebody else or broken: a server takes what makes sense and lives.
@Suite(.timeLimit(.minutes(1))) struct HostileFactsTests {
    private static let numbers = [
        "1e300", "-1e300", "inf", "-inf", "nan", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        "9007199254740993", "-1", "0", "1.5", "", "x",
    ]

    private static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private static func array(_ items: [String]) -> String { "*\(items.count)\r\n" + items.joined() }

    /// Lets everything that servers ask each other run against a Redis that answers every question with `answer`.
    private func ask(_ answer: String) async throws {
        let redis = try await FakeRedis.start { ["SCRIPT", "PING"].contains($0[0]) ? nil : answer }
        var options = RedisOptions()
        options.log = SilentLog()
        let client = try RedisClient(redis.url, options: options)
        let questions = SharedQuestions(client, patience: .seconds(20))
        let name = try UserName("ann")
        let room = ChatChannel.lobby(try RoomName("room"))
        let topics = ClusterTopics()
        let owner = NameOwner.ofStay("stay", name: name, at: ChatTime(milliseconds: 1))
        let conversations = await SharedReading(questions, topics: topics).conversations(of: name)
        #expect(conversations.allSatisfy { $0.channel == room })
        _ = await SharedReading(questions, topics: topics).marks(of: owner, in: [room])
        let bucket = SharedCounts.Bucket(key: "k", rate: 1, capacity: 1)
        if case .refused(let index, let seconds)? = await SharedCounts(questions, topics: topics).take([bucket]) {
            #expect(index == 0 && (0...86_400).contains(seconds))
        }
        let users = await SharedUsers(questions, topics: topics, node: "me").look(name)
        #expect(users.allSatisfy { (0...PeerNumber.most).contains($0.devices) })
        _ = await SharedFacts(client, questions, topics: topics).all(epoch: "e")
        await client.close()
        await redis.stop()
    }

    @Test(arguments: numbers) func noNumberInRedisEndsAServer(number: String) async throws {
        try await self.ask(Self.array([Self.bulk("/lobby/room"), Self.bulk(number)]))
        try await self.ask(Self.array([Int64(number).map { ":\($0)\r\n" } ?? ":1\r\n", Self.bulk(number)]))
        try await self.ask(Self.array([Self.bulk("1 \(number) user ann"), Self.bulk("e \(number) {}")]))
        try await self.ask(Self.bulk(number))
        if Double(number) != nil { try await self.ask(",\(number)\r\n") }
    }
}
