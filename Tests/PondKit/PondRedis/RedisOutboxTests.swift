import Testing

@testable import PondRedis

@Suite struct RedisOutboxTests {
    private static func message(_ number: Int, bytes: Int = 1) -> RedisOutbox.Message {
        RedisOutbox.Message(topic: "\(number)", bytes: Array(repeating: 0, count: bytes))
    }

    @Test func messagesComeOutInTheOrderTheyWentIn() {
        var outbox = RedisOutbox(maximumMessages: 10_000, maximumBytes: 1_000_000)
        for number in 0..<5_000 { outbox.add(Self.message(number)) }
        var topics: [String] = []
        while let message = outbox.next() { topics.append(message.topic) }
        #expect(topics == (0..<5_000).map(String.init))
        #expect(outbox.inFlight == 5_000)
    }

    @Test func theOldestAreLostAndCountedWhenThereAreTooMany() {
        var outbox = RedisOutbox(maximumMessages: 3, maximumBytes: 1_000)
        for number in 0..<5 { outbox.add(Self.message(number)) }
        #expect(outbox.lost == 2)
        #expect(outbox.waitingCount == 3)
        #expect(outbox.next()?.topic == "2")
        outbox.add(Self.message(9, bytes: 999))
        #expect(outbox.lost == 4)
        #expect(outbox.next()?.topic == "9")
        outbox.add(Self.message(9, bytes: 1_000))
        #expect(outbox.lost == 5)
    }

    @Test func everyMessageIsPublishedOrLostAndNothingElse() {
        var outbox = RedisOutbox(maximumMessages: 100, maximumBytes: 1_000)
        for number in 0..<10 { outbox.add(Self.message(number)) }
        for _ in 0..<6 { _ = outbox.next() }
        for isError in [false, true, false] { outbox.answered(isError: isError) }
        #expect((outbox.published, outbox.lost, outbox.inFlight) == (2, 1, 3))
        outbox.cut()
        #expect((outbox.published, outbox.lost, outbox.inFlight) == (2, 4, 0))
        outbox.answered(isError: false)
        #expect(outbox.published == 2)
        #expect(!outbox.isSettled)
        outbox.drop()
        #expect(outbox.isSettled)
        #expect(outbox.published + outbox.lost == 10)
    }
}
