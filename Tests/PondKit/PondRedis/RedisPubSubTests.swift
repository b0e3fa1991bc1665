import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondRedis
@testable import PondServer

/// Against a real server; each test has its own.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(2)))
struct RedisPubSubTests {
    /// Waits for something to become true, for a minute at most.
    private func until(_ holds: () -> Bool, place: SourceLocation = #_sourceLocation) async {
        await wait(upTo: .seconds(60), until: holds, at: place)
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func messagesArriveInProgramOrderEverywhereTheTopicIsHeard() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let (one, two) = (
            try RedisPubSub(server.url, options: RedisOptions.quick()),
            try RedisPubSub(server.url, options: RedisOptions.quick())
        )
        let (exact, pattern, other) = (SignalLog(), SignalLog(), SignalLog())
        _ = try one.subscribe(to: "p:1:/chat/[x]", receive: exact.hear)
        _ = try two.subscribe(to: "p:1:.*", receive: pattern.hear)
        _ = try two.subscribe(to: "p:1:/chat/x", receive: other.hear)
        await self.until { [exact, pattern, other].allSatisfy { $0.signals == [.subscribed] } }
        for number in 0..<5_000 { try one.publish(self.text("\(number)"), to: "p:1:/chat/[x]") }
        await self.until { exact.texts.count == 5_000 && pattern.texts.count == 5_000 }
        #expect(exact.texts == (0..<5_000).map(String.init))
        #expect(pattern.texts == exact.texts)
        #expect(other.texts == [])
        #expect(one.statistics.published == 5_000)
        #expect(one.statistics.lost == 0)
        #expect(two.statistics.received == 5_000)
        await one.close()
        await two.close()
    }

    @Test func afterUnsubscribingNothingIsHeardAndASecondSubscriberStill() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let pubSub = try RedisPubSub(server.url, options: RedisOptions.quick())
        let (gone, stays) = (SignalLog(), SignalLog())
        let subscription = try pubSub.subscribe(to: "a", receive: gone.hear)
        _ = try pubSub.subscribe(to: "a", receive: stays.hear)
        await self.until { gone.signals.count == 1 && stays.signals.count == 1 }
        pubSub.unsubscribe(subscription)
        try pubSub.publish(self.text("x"), to: "a")
        await self.until { stays.texts == ["x"] }
        #expect(gone.signals == [.subscribed])
        await pubSub.close()
    }

    @Test func largeMessagesPassWholeAndSlowlyTakenOnesWait() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let pubSub = try RedisPubSub(server.url, options: RedisOptions.quick())
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals.count == 1 }
        let large = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for _ in 0..<8 { try pubSub.publish(large, to: "a") }
        await self.until { log.signals.count == 9 }
        #expect(log.signals.dropFirst().allSatisfy { $0 == .message(topic: "a", bytes: large) })
        await pubSub.close()
    }

    @Test func aServerThatComesBackIsHeardAgainAndWhatWaitedIsSent() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let pubSub = try RedisPubSub(server.url, options: RedisOptions.quick())
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        server.kill()
        await self.until { log.signals == [.subscribed, .interrupted] }
        #expect(!pubSub.statistics.isConnected)
        try pubSub.publish(self.text("waited"), to: "a")
        try server.start()
        await self.until { log.signals.contains(.subscribed) && log.signals.count >= 3 }
        await self.until { pubSub.statistics.published == 1 }
        try pubSub.publish(self.text("after"), to: "a")
        await self.until { log.texts.last == "after" }
        #expect(pubSub.statistics.reconnects >= 1)
        #expect(pubSub.statistics.lost == 0)
        await pubSub.close()
    }

    @Test func whileTheServerIsAwayMessagesWaitUpToABoundAndTheRestIsCounted() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let pubSub = try RedisPubSub(server.url, options: RedisOptions.quick { $0.waitingMessages = 10 })
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        server.kill()
        await self.until { log.signals == [.subscribed, .interrupted] }
        for number in 0..<25 { try pubSub.publish(self.text("\(number)"), to: "a") }
        await self.until { pubSub.statistics.lost >= 15 }
        try server.start()
        await self.until { pubSub.statistics.waiting == 0 }
        let statistics = pubSub.statistics
        #expect(statistics.published + statistics.lost == 25)
        #expect(statistics.lost >= 15)
        await pubSub.close()
    }

    @Test func aServerThatDoesNotAnswerIsGivenUpAndTriedAnew() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let pubSub = try RedisPubSub(server.url, options: RedisOptions.quick { $0.pingInterval = .milliseconds(200) })
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        server.pause()
        await self.until { log.signals.contains(.interrupted) }
        server.resume()
        await self.until { log.signals.last == .subscribed }
        try pubSub.publish(self.text("x"), to: "a")
        await self.until { log.texts.contains("x") }
        await pubSub.close()
    }

    @Test func aPasswordLetsInAndAWrongOneDoesNot() async throws {
        let server = try RedisServer("--requirepass", "s3cret")
        defer { server.kill() }
        let address = RedisAddress(port: server.port, password: "s3cret", database: 1)
        let pubSub = try RedisPubSub(address, options: RedisOptions.quick())
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        let refused = LogKeeper()
        let wrong = RedisAddress(port: server.port, password: "wrong")
        let stranger = try RedisPubSub(wrong, options: RedisOptions.quick { $0.log = refused })
        await self.until { refused.lines.contains { $0.contains("WRONGPASS") } }
        #expect(!refused.lines.contains { $0.contains("s3cret") || $0.contains("wrong ") })
        #expect(!stranger.statistics.isConnected)
        await stranger.close()
        await pubSub.close()
    }

    @Test func shardedTopicsAreHeardByNameOnly() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let pubSub = try RedisPubSub(server.url, options: RedisOptions.quick { $0.isSharded = true })
        let log = SignalLog()
        _ = try pubSub.subscribe(to: "{p}:a", receive: log.hear)
        #expect(throws: PondError.self) { try pubSub.subscribe(to: "{p}.*") { _ in } }
        await self.until { log.signals == [.subscribed] }
        try pubSub.publish(self.text("x"), to: "{p}:a")
        await self.until { log.texts == ["x"] }
        await pubSub.close()
    }

    @Test func closingSendsFirstWhatWasPublished() async throws {
        let server = try RedisServer()
        defer { server.kill() }
        let listener = try RedisPubSub(server.url, options: RedisOptions.quick())
        let log = SignalLog()
        _ = try listener.subscribe(to: "a", receive: log.hear)
        await self.until { log.signals == [.subscribed] }
        let speaker = try RedisPubSub(server.url, options: RedisOptions.quick())
        await self.until { speaker.statistics.isConnected }
        for number in 0..<100 { try speaker.publish(self.text("\(number)"), to: "a") }
        await speaker.close()
        await self.until { log.texts.count == 100 }
        #expect(throws: PondError.self) { try speaker.publish([1], to: "a") }
        #expect(throws: PondError.self) { try speaker.subscribe(to: "a") { _ in } }
        await speaker.close()
        await listener.close()
    }
}
