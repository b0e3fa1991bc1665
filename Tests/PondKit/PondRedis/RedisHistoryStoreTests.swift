import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondRedis
@testable import PondRuntime
@testable import PondServer

/// Against a real server; each test has its own.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(2)))
struct RedisHistoryStoreTests {
    private static let channel = HistoryKey(endpoint: "/socket", channel: "/chat/1")

    private struct Fixture {
        let server: RedisServer
        let redis: RedisClient
        let store: RedisHistoryStore
        let loop = EventLoop(name: "test")

        init(bounds: HistoryBounds = HistoryBounds(.default), _ arguments: String...) throws {
            self.server = try RedisServer(arguments)
            self.redis = try RedisClient(self.server.url, options: .quick())
            self.store = RedisHistoryStore(self.redis, bounds: bounds)
            self.loop.start()
        }

        func close() async {
            await self.redis.close()
            await self.loop.stop()
        }

        func open(_ known: StreamPosition? = nil) async throws -> StreamPosition {
            try await self.wait {
                self.store.reopen(RedisHistoryStoreTests.channel, known: known, on: self.loop, then: $0)
            }
        }

        func append(
            _ id: String,
            _ known: StreamPosition,
            origin: RequestOrigin? = nil,
            payload: Payload = .empty
        ) async throws -> SharedAppend {
            let broadcast = StoredBroadcast(
                offset: 0,
                event: "said",
                requestId: id,
                recipients: .allExcept("ann"),
                payload: payload,
                origin: origin
            )
            return try await self.wait {
                self.store.append(
                    SharedBroadcast(id: id, broadcast: broadcast),
                    to: RedisHistoryStoreTests.channel,
                    known: known,
                    on: self.loop,
                    then: $0
                )
            }
        }

        /// Appends without waiting.
        func begin(_ id: String, _ known: StreamPosition) -> AsyncStream<Result<SharedAppend, PondError>> {
            let broadcast = StoredBroadcast(offset: 0, event: "said", requestId: id, recipients: .all, payload: .empty)
            return AsyncStream { stream in
                let shared = SharedBroadcast(id: id, broadcast: broadcast)
                self.store.append(shared, to: RedisHistoryStoreTests.channel, known: known, on: self.loop) { result in
                    stream.yield(result)
                    stream.finish()
                }
            }
        }

        func read(_ position: StreamPosition, maximumBytes: Int = .max) async throws -> [StoredBroadcast]? {
            let decision: RecoveryDecision = try await self.wait {
                self.store.read(
                    RedisHistoryStoreTests.channel,
                    after: position,
                    maximumBytes: maximumBytes,
                    on: self.loop,
                    then: $0
                )
            }
            if case .whole(let broadcasts) = decision { return broadcasts }
            return nil
        }

        func wait<Value: Sendable>(
            _ begin: (@escaping @Sendable (Result<Value, PondError>) -> Void) -> Void
        ) async throws -> Value {
            try await withCheckedContinuation { continuation in begin { continuation.resume(returning: $0) } }.get()
        }
    }

    @Test func openingAHistoryMakesNoKeysBeforeAChannelHasAMember() async throws {
        let fixture = try Fixture()
        for number in 0..<1_000 {
            let key = HistoryKey(endpoint: "/socket", channel: "/chat/\(number)")
            let found = try await fixture.wait { fixture.store.open(key, on: fixture.loop, then: $0) }
            #expect(found.offset == 0 && !found.epoch.isEmpty)
            fixture.store.close(key, on: fixture.loop)
        }
        #expect(try await fixture.wait { fixture.redis.send(["DBSIZE"], then: $0) } == .integer(0))
        // Two nodes found nothing, and each chose an epoch: the first to have a member decides.
        var held: [String] = []
        for epoch in ["one", "two"] {
            held += [
                try await fixture.wait {
                    fixture.store.begin(Self.channel, epoch: epoch, on: fixture.loop, then: $0)
                }.epoch
            ]
        }
        #expect(held == ["one", "one"])
        let found = try await fixture.wait { fixture.store.open(Self.channel, on: fixture.loop, then: $0) }
        #expect(found.epoch == "one")
        await fixture.close()
    }

    @Test func numbersAndGivesBackWhatWasStored() async throws {
        let fixture = try Fixture()
        let start = try await fixture.open()
        for n in 1...5 as ClosedRange<Int64> {
            #expect(
                try await fixture.append("m\(n)", start, payload: ["n": .int(n)]) == .stored(UInt64(n), isNew: true)
            )
        }
        #expect(try await fixture.open() == StreamPosition(epoch: start.epoch, offset: 5))
        let found = try #require(try await fixture.read(StreamPosition(epoch: start.epoch, offset: 3)))
        #expect(found.map(\.offset) == [4, 5])
        #expect(found.map(\.payload) == [["n": 4], ["n": 5]])
        #expect(found.first?.recipients == .allExcept("ann") && found.first?.event == "said")
        #expect(try await fixture.read(StreamPosition(epoch: start.epoch, offset: 5)) == [])
        #expect(try await fixture.read(StreamPosition(epoch: start.epoch, offset: 6)) == nil)
        #expect(try await fixture.read(StreamPosition(epoch: "other", offset: 3)) == nil)
        #expect(try await fixture.read(start, maximumBytes: 10) == nil)
        await fixture.close()
    }

    @Test func oneIdHasOneNumberHoweverOftenItIsAppended() async throws {
        let fixture = try Fixture()
        let start = try await fixture.open()
        #expect(try await fixture.append("a", start) == .stored(1, isNew: true))
        #expect(try await fixture.append("b", start) == .stored(2, isNew: true))
        #expect(try await fixture.append("a", start) == .stored(1, isNew: false))
        #expect(try await fixture.read(start)?.map(\.offset) == [1, 2])
        await fixture.close()
    }

    @Test func keepsAsMuchAsTheBoundsSayAndNeverGivesAPart() async throws {
        let fixture = try Fixture(bounds: HistoryBounds(messages: 3, bytes: .max, age: .seconds(60)))
        let start = try await fixture.open()
        for n in 1...5 { _ = try await fixture.append("m\(n)", start) }
        #expect(try await fixture.read(start) == nil)
        #expect(try await fixture.read(StreamPosition(epoch: start.epoch, offset: 1)) == nil)
        #expect(try await fixture.read(StreamPosition(epoch: start.epoch, offset: 2))?.map(\.offset) == [3, 4, 5])
        await fixture.close()
        let small = try Fixture(bounds: HistoryBounds(messages: 100, bytes: 1_000, age: .seconds(60)))
        let first = try await small.open()
        for n in 1...9 {
            _ = try await small.append(
                "m\(n)",
                first,
                payload: Payload(["t": .string(String(repeating: "x", count: 200))])
            )
        }
        #expect(try await small.read(first) == nil)
        let last = try #require(try await small.read(StreamPosition(epoch: first.epoch, offset: 7)))
        #expect(last.map(\.offset) == [8, 9])
        await small.close()
        let young = try Fixture(bounds: HistoryBounds(messages: 100, bytes: .max, age: .zero))
        let begin = try await young.open()
        _ = try await young.append("m", begin)
        try await Task.sleep(for: .milliseconds(5))
        #expect(try await young.read(begin) == nil)
        await young.close()
    }

    @Test func pagesAreReadToTheEnd() async throws {
        let fixture = try Fixture(bounds: HistoryBounds(messages: 5_000, bytes: .max, age: .seconds(60)))
        let start = try await fixture.open()
        for n in 1..<1_203 { _ = try await fixture.append("m\(n)", start) }
        #expect(try await fixture.read(start)?.map(\.offset) == Array(1..<1_203))
        await fixture.close()
    }

    @Test func aServerThatLostWhatWeKnowBeginsAnotherNumbering() async throws {
        let fixture = try Fixture()
        let start = try await fixture.open()
        _ = try await fixture.append("a", start)
        fixture.server.kill()
        try fixture.server.start()
        #expect(try await fixture.append("b", start) == .otherNumbering)
        let next = try await fixture.open(StreamPosition(epoch: start.epoch, offset: 1))
        #expect(next.epoch != start.epoch && next.offset == 0)
        // Whoever knows more than the server has lost a part of it.
        #expect(try await fixture.append("c", StreamPosition(epoch: next.epoch, offset: 7)) == .otherNumbering)
        let again = try await fixture.open(StreamPosition(epoch: next.epoch, offset: 7))
        #expect(again.epoch != next.epoch)
        #expect(try await fixture.open(StreamPosition(epoch: again.epoch, offset: 0)) == again)
        await fixture.close()
    }

    @Test func whatIsUnderWayWhenTheServerGoesIsStoredOnceWhenItIsBack() async throws {
        let folder = "/tmp/pond-aof-\(PondID.token())"
        let fixture = try Fixture(
            "--dir",
            "/tmp",
            "--appenddirname",
            String(folder.dropFirst(5)),
            "--appendonly",
            "yes",
            "--appendfsync",
            "always"
        )
        let start = try await fixture.open()
        for round in 0..<5 {
            let answers = (0..<40).map { n in fixture.begin("\(round)/\(n)", start) }
            fixture.server.kill()
            try fixture.server.start()
            for answer in answers {
                for await result in answer { #expect(throws: Never.self) { try result.get() } }
            }
        }
        let found = try #require(try await fixture.read(start))
        #expect(found.count == 200)
        #expect(Set(found.map(\.requestId)).count == 200)
        #expect(found.map(\.offset) == Array(1...200))
        await fixture.close()
        fixture.server.kill()
        RedisServer.remove(folder)
    }

    @Test func knowsTheRequestsOfAClient() async throws {
        let fixture = try Fixture()
        let start = try await fixture.open()
        let (ann, bob) = (ClientID(), ClientID())
        for n in 1...3 {
            _ = try await fixture.append("a\(n)", start, origin: RequestOrigin(client: ann, requestId: "r\(n)"))
        }
        _ = try await fixture.append("b", start, origin: RequestOrigin(client: bob, requestId: "other"))
        let requests: [String] = try await fixture.wait {
            fixture.store.requests(of: ann, in: Self.channel, on: fixture.loop, then: $0)
        }
        #expect(requests == ["r1", "r2", "r3"])
        await fixture.close()
    }

    @Test func storesWhatItsCallerNumbers() async throws {
        let fixture = try Fixture()
        let start = try await fixture.open()
        func append(_ offset: UInt64) async -> PondError? {
            let broadcast = StoredBroadcast(
                offset: offset,
                event: "e",
                requestId: "r",
                recipients: .all,
                payload: .empty
            )
            return await withCheckedContinuation { continuation in
                fixture.store.append(broadcast, to: Self.channel, epoch: start.epoch, on: fixture.loop) {
                    continuation.resume(returning: $0)
                }
            }
        }
        #expect(await append(1) == nil)
        #expect(await append(3) == nil)
        #expect(await append(2)?.kind == .conflict)
        #expect(try await fixture.read(start)?.map(\.offset) == [1, 3])
        await fixture.close()
    }
}
