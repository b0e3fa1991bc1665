import Foundation
import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondSQLite
@testable import PondServer

@Suite(.timeLimit(.minutes(1))) final class SQLiteHistoryStoreTests {
    private static let channel = HistoryKey(endpoint: "/socket", channel: "/chat/1")
    private let folder = TemporaryFolder()
    private let loop = EventLoop(name: "test")

    init() { self.loop.start() }

    private func database(_ name: String = "h.db") throws -> SQLiteDatabase {
        let migrations = SQLiteMigrations(applicationID: 9, steps: SQLiteHistoryTables.steps)
        return try SQLiteDatabase(.file(self.folder.file(name)), migrations: migrations)
    }

    private func open(_ store: SQLiteHistoryStore) async throws -> StreamPosition {
        try await self.wait { store.open(Self.channel, on: self.loop, then: $0) }.get()
    }

    private func append(_ store: SQLiteHistoryStore, _ offset: UInt64, _ epoch: String, event: String = "message") async
        -> PondError?
    {
        let broadcast = StoredBroadcast(
            offset: offset,
            event: event,
            requestId: "r\(offset)",
            recipients: offset % 3 == 0 ? .allExcept("a\"b") : offset % 3 == 1 ? .all : .users(["x", "y"]),
            payload: ["n": .int(Int64(offset))]
        )
        return await self.wait { store.append(broadcast, to: Self.channel, epoch: epoch, on: self.loop, then: $0) }
    }

    private func read(_ store: SQLiteHistoryStore, after offset: UInt64, _ epoch: String) async throws
        -> [StoredBroadcast]?
    {
        let position = StreamPosition(epoch: epoch, offset: offset)
        let decision = try await self.wait {
            store.read(Self.channel, after: position, maximumBytes: .max, on: self.loop, then: $0)
        }.get()
        if case .whole(let broadcasts) = decision { return broadcasts }
        return nil
    }

    private func wait<Value: Sendable>(_ begin: (@escaping @Sendable (Value) -> Void) -> Void) async -> Value {
        await withCheckedContinuation { continuation in begin { continuation.resume(returning: $0) } }
    }

    @Test func whoWasToldOfAnEpochRecoversFromItThoughTheServerCrashedBeforeTheFirstBroadcast() async throws {
        let first = SQLiteHistoryStore(try self.database())
        let told = try await self.open(first)
        await first.close()
        let second = SQLiteHistoryStore(try self.database())
        let again = try await self.open(second)
        #expect(again == told && told.offset == 0)
        #expect(await self.append(second, 1, again.epoch) == nil)
        #expect(try await self.read(second, after: 0, told.epoch)?.map(\.offset) == [1])
        await second.close()
        let other = SQLiteHistoryStore(try self.database("other.db"))
        #expect(try await self.open(other).epoch != told.epoch)
        await other.close()
    }

    @Test("After a restart the numbering goes on in its epoch, and everything is there as it was")
    func restart() async throws {
        let first = SQLiteHistoryStore(try self.database())
        let start = try await self.open(first)
        for offset in 1...6 as ClosedRange<UInt64> { #expect(await self.append(first, offset, start.epoch) == nil) }
        first.close(Self.channel, on: self.loop)
        await first.close()
        let second = SQLiteHistoryStore(try self.database())
        let again = try await self.open(second)
        #expect(again == StreamPosition(epoch: start.epoch, offset: 6))
        let found = try #require(try await self.read(second, after: 2, start.epoch))
        #expect(found.map(\.offset) == [3, 4, 5, 6] && found.map(\.requestId) == ["r3", "r4", "r5", "r6"])
        #expect(found.map(\.recipients) == [.allExcept("a\"b"), .all, .users(["x", "y"]), .allExcept("a\"b")])
        #expect(found.map { $0.payload["n"]?.int } == [3, 4, 5, 6])
        await second.close()
    }

    @Test("After a restart it is known which requests of a client were handled, and of no other")
    func requests() async throws {
        let (client, other) = (ClientID(), ClientID())
        let first = SQLiteHistoryStore(try self.database())
        let start = try await self.open(first)
        for offset in 1...4 as ClosedRange<UInt64> {
            var broadcast = StoredBroadcast.number(offset)
            let client: ClientID? = offset == 4 ? nil : offset == 3 ? other : client
            broadcast.origin = client.map { RequestOrigin(client: $0, requestId: "r\(offset)") }
            let kept = broadcast
            #expect(
                await self.wait {
                    first.append(kept, to: Self.channel, epoch: start.epoch, on: self.loop, then: $0)
                } == nil
            )
        }
        await first.close()
        let second = SQLiteHistoryStore(try self.database())
        let found = try await self.wait { second.requests(of: client, in: Self.channel, on: self.loop, then: $0) }.get()
        #expect(found == ["r1", "r2"])
        let elsewhere = HistoryKey(endpoint: "/socket", channel: "/chat/2")
        #expect(try await self.wait { second.requests(of: client, in: elsewhere, on: self.loop, then: $0) }.get() == [])
        await second.close()
    }

    @Test("After a crash no number that was given out comes again, and who heard one that was not kept misses nothing")
    func crash() async throws {
        let first = SQLiteHistoryStore(try self.database(), transient: ["typing"])
        let start = try await self.open(first)
        for offset in 1...5 as ClosedRange<UInt64> { _ = await self.append(first, offset, start.epoch) }
        for offset in 6...1_200 as ClosedRange<UInt64> {
            #expect(await self.append(first, offset, start.epoch, event: "typing") == nil)
        }
        // Nothing is closed: the process died.
        let second = SQLiteHistoryStore(try self.database())
        let again = try await self.open(second)
        #expect(again.epoch == start.epoch && again.offset > 1_200)
        #expect(try await self.read(second, after: 1_200, start.epoch)?.isEmpty == true)
        #expect(try await self.read(second, after: 3, start.epoch)?.map(\.offset) == [4, 5])
        #expect(try await self.read(second, after: again.offset + 1, start.epoch) == nil)
        await first.close()
        await second.close()
    }

    @Test("What is too much is forgotten, and then no position before it is recovered in part")
    func pruning() async throws {
        let bounds = HistoryBounds(messages: 100, bytes: .max, age: .seconds(3_600))
        let store = SQLiteHistoryStore(try self.database(), bounds: bounds)
        let start = try await self.open(store)
        for offset in 1...256 as ClosedRange<UInt64> { _ = await self.append(store, offset, start.epoch) }
        #expect(try await self.read(store, after: 10, start.epoch) == nil)
        #expect(try await self.read(store, after: 156, start.epoch)?.count == 100)
        await store.close()
    }

    @Test("A projection that refuses takes the broadcast with it, and both or neither are stored")
    func projection() async throws {
        let database = try self.database()
        try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.execute("CREATE TABLE seen (n INTEGER PRIMARY KEY)")
        }
        let store = SQLiteHistoryStore(database) { (connection, _, broadcast) throws(SQLiteFault) in
            try connection.execute("INSERT INTO seen VALUES (?)", .integer(Int64(broadcast.offset)))
            if broadcast.offset == 2 { throw SQLiteFault(.constraint, message: "two is taken") }
        }
        let start = try await self.open(store)
        #expect(await self.append(store, 1, start.epoch) == nil)
        let refusal = await self.append(store, 2, start.epoch)
        #expect(refusal?.code == 409 && refusal?.message == "two is taken")
        #expect(await self.append(store, 3, start.epoch) == nil)
        #expect(try await self.read(store, after: 0, start.epoch)?.map(\.offset) == [1, 3])
        let seen = try await database.read { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.number("SELECT sum(n) FROM seen")
        }
        #expect(seen == 4)
        await store.close()
    }

    @Test("A full disk is 503, and over when there is room")
    func full() async throws {
        let database = try self.database()
        let store = SQLiteHistoryStore(database)
        let start = try await self.open(store)
        try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            let pages = try connection.number("PRAGMA page_count")
            _ = try connection.number("PRAGMA max_page_count = \(pages)")
        }
        var offset: UInt64 = 1
        var refusal: PondError?
        while refusal == nil, offset < 10_000 {
            refusal = await self.append(store, offset, start.epoch)
            offset += 1
        }
        #expect(refusal?.code == 503 && refusal?.temporary == true)
        try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            _ = try connection.number("PRAGMA max_page_count = 100000")
        }
        #expect(await self.append(store, offset, start.epoch) == nil)
        await store.close()
    }

    @Test("A history in a file of its own is opened and refused like any other")
    func file() async throws {
        let store = try SQLiteHistoryStore(file: self.folder.file("own.db"))
        let start = try await self.open(store)
        #expect(start.offset == 0 && !start.epoch.isEmpty)
        #expect(await self.append(store, 1, "another epoch")?.code == 500)
        await store.close()
        #expect(throws: PondError.self) { try SQLiteHistoryStore(file: "/no/such/folder/h.db") }
    }
}
