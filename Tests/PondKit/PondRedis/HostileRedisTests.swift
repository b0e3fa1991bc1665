import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondRedis
@testable import PondRuntime
@testable import PondServer

/// What a Redis says that is broken, or that somebody else writes to: no answer ends the node, and every question ends.
@Suite(.timeLimit(.minutes(2))) struct HostileRedisTests {
    private static let numbers = [
        "9223372036854775807", "-9223372036854775808", "18446744073709551615", "9007199254740993", "-1", "-2", "-3",
        "0", "1e300", "inf", "-inf", "nan", "", " 1", "1.5", "99999999999999999999999999",
    ]

    private static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private static func array(_ items: [String]) -> String { "*\(items.count)\r\n" + items.joined() }

    private static func entry(_ id: String) -> String {
        let fields = ["a", "1", "c", "1", "e", "said", "r", "r-\(id)", "t", "", "p", "{}"]
        return self.array([self.bulk(id), self.array(fields.map(self.bulk))])
    }

    /// Answers that have the shape of right ones, with each number where a number is.
    private static let answers: [String] = {
        var answers = [
            "_\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "#t\r\n", "+OK\r\n", "*1\r\n*0\r\n", "%1\r\n+a\r\n+b\r\n",
            "-ERR no\r\n", array([bulk("e")]), array([bulk("e"), bulk("7"), bulk("x")]), array([":1\r\n", ":2\r\n"]),
            array([":1\r\n", ":5\r\n", array([array([]), array([bulk("1-0")]), bulk("x"), entry("2-0")])]),
        ]
        for number in Self.numbers {
            let integer = Int64(number).map { ":\($0)\r\n" } ?? bulk(number)
            answers += [
                integer, ",\(number)\r\n", bulk(number), array([bulk("e"), integer]), array([integer, ":1\r\n"]),
                array([":1\r\n", integer]), array([":1\r\n", integer, array([entry("1-0")])]),
                array([":1\r\n", ":5\r\n", array([entry("\(number)-0"), entry("1-0"), entry("\(number)")])]),
                array([integer, array([bulk("u"), bulk("ann"), bulk("a"), bulk(number), bulk("c:/x"), bulk("{}")])]),
                array([bulk(number), bulk(number), bulk(number)]),
            ]
        }
        return answers.filter { !$0.hasPrefix(",") || Double($0.dropFirst().dropLast(2)) != nil }
    }()

    private static let channel = HistoryKey(endpoint: "/socket", channel: "/durable/1")

    /// Gives every answer to a question, one after another, over one connection; each has to end.
    private func ask<Answer: Sendable>(
        _ question: (RedisClient, @escaping @Sendable (Answer) -> Void) -> Void
    ) async throws -> [(said: String, answer: Answer)] {
        let said = Lock("+OK\r\n")
        let redis = try await FakeRedis.start { $0[0] == "SCRIPT" || $0[0] == "PING" ? nil : said.withLock { $0 } }
        var options = RedisOptions()
        options.log = SilentLog()
        let client = try RedisClient(redis.url, options: options)
        var answers: [(said: String, answer: Answer)] = []
        for text in Self.answers {
            said.withLock { $0 = text }
            let answer: Answer = await withCheckedContinuation { continuation in
                question(client) { continuation.resume(returning: $0) }
            }
            answers.append((text, answer))
        }
        await client.close()
        await redis.stop()
        return answers
    }

    @Test func aHistoryTakesNoPositionThatNoNumberingCanHave() async throws {
        let loop = EventLoop(name: "hostile")
        loop.start()
        let answers = try await self.ask { client, then in
            RedisHistoryStore(client).open(Self.channel, on: loop) { then($0) }
        }
        for case (let said, .success(let position)) in answers {
            #expect(position.offset <= 1 << 53, "\(said.debugDescription)")
        }
        #expect(answers.contains { if case .success = $0.answer { true } else { false } })
        await loop.stop()
    }

    @Test func aHistoryTakesNoNumberThatNoBroadcastCanHave() async throws {
        let loop = EventLoop(name: "hostile")
        loop.start()
        let broadcast = StoredBroadcast(offset: 0, event: "e", requestId: "r", recipients: .all, payload: .empty)
        let answers = try await self.ask { client, then in
            RedisHistoryStore(client).append(
                SharedBroadcast(id: "r", broadcast: broadcast),
                to: Self.channel,
                known: StreamPosition(epoch: "e", offset: 0),
                on: loop
            ) { then($0) }
        }
        for case (let said, .success(.stored(let offset, _))) in answers {
            #expect((1...1 << 53).contains(offset), "\(said.debugDescription)")
        }
        await loop.stop()
    }

    @Test func anUnreadableEntryOfAHistoryKeepsNoOtherFromItsReaders() async throws {
        let loop = EventLoop(name: "hostile")
        loop.start()
        let answers = try await self.ask { client, then in
            RedisHistoryStore(client).read(
                Self.channel,
                after: StreamPosition(epoch: "e", offset: 0),
                maximumBytes: .max,
                on: loop
            ) { then($0) }
        }
        var whole = 0
        for case (let said, .success(.whole(let broadcasts))) in answers {
            #expect(broadcasts.allSatisfy { (1...5).contains($0.offset) || $0.offset == 1 }, "\(said.debugDescription)")
            whole += broadcasts.isEmpty ? 0 : 1
        }
        #expect(whole > Self.numbers.count)
        await loop.stop()
    }

    @Test func aClientsRequestsAreTextsOrNothing() async throws {
        let loop = EventLoop(name: "hostile")
        loop.start()
        let answers = try await self.ask { client, then in
            RedisHistoryStore(client).requests(of: ClientID(), in: Self.channel, on: loop) { then($0) }
        }
        #expect(answers.count == Self.answers.count)
        await loop.stop()
    }

    @Test func aSessionIsTakenFromARecordOrNotAtAll() async throws {
        let answers = try await self.ask { client, then in
            RedisSessionStore(client).take("key", endpoint: "/socket", for: "me") { then($0) }
        }
        #expect(answers.contains { if case .success(.some) = $0.answer { true } else { false } })
        let saved = try await self.ask { client, then in
            let owner = SessionOwner(node: "me", generation: .max)
            RedisSessionStore(client).touch("key", owner: owner) { then($0) }
        }
        #expect(saved.count == Self.answers.count)
    }

    @Test func aSubscriberLivesThroughWhateverItIsTold() async throws {
        let said = Lock<[String]>([])
        let redis = try await FakeRedis.start { command in
            guard command[0] == "SUBSCRIBE" else { return nil }
            let topic = Self.bulk(command[1])
            let broken =
                Self.answers.filter { !$0.hasPrefix("-") }
                + Self.answers.map { Self.array([Self.bulk("message"), topic, $0]) }
                + Self.answers.map { Self.array([Self.bulk("subscribe"), $0, $0]) }
            let message = Self.array([Self.bulk("message"), topic, Self.bulk("whole")])
            return Self.array([Self.bulk("subscribe"), topic, ":1\r\n"]) + broken.joined() + message
        }
        var options = RedisOptions()
        options.log = SilentLog()
        let pubSub = try RedisPubSub(redis.url, options: options)
        _ = try pubSub.subscribe(to: "topic") { signal in
            if case .message(_, let bytes) = signal {
                said.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        await wait(upTo: .seconds(30)) { said.withLock { $0.last == "whole" } }
        await pubSub.close()
        await redis.stop()
    }
}
