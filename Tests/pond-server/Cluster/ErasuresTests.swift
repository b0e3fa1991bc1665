import Glibc
import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

/// What the tables took back is taken back in Redis, whenever that is asked for.
@Suite(.timeLimit(.minutes(1))) struct ErasuresTests {
    private let folder = TemporaryFolder()
    private let key = ChatTables.key(of: "/lobby/general")

    private struct Erased: Sendable, Hashable {
        var offset: UInt64
        var isWhole: Bool
        var text: String?

        init(_ unerased: ChatTables.Unerased) {
            self.offset = unerased.position.offset
            self.isWhole = unerased.isWhole
            self.text = unerased.payload?["text"]?.string
        }
    }

    /// A store that follows Redis, and in which one message was said.
    private func store() async throws -> (ChatStore, StoreFixture) {
        let store = try ChatStore(.file(self.folder.file("chat.db")))
        let fixture = try StoreFixture()
        store.redactions.isShared = true
        try await self.follow(ChatMessage.event, try fixture.message(1).payload(), as: 1, store)
        _ = store.redactions.takeUntold()
        return (store, fixture)
    }

    private func follow(_ event: String, _ payload: Payload, as offset: UInt64, _ store: ChatStore) async throws {
        let broadcast = StoredBroadcast(
            offset: offset,
            event: event,
            requestId: PondID.uuid(),
            recipients: .all,
            payload: payload
        )
        await withCheckedContinuation { continuation in
            store.follow(broadcast, in: self.key, epoch: "e") { continuation.resume() }
        }
    }

    private func edit(_ text: String, as offset: UInt64, _ fixture: StoreFixture, _ store: ChatStore) async throws {
        let edited = MessageEdited(
            id: try MessageID("m1"),
            text: text,
            at: ChatTime(milliseconds: Int64(offset) * 1_000)
        )
        try await self.follow(MessageEdited.event, try edited.payload(), as: offset, store)
    }

    @Test func redisIsToldOfWhatATransactionTakesBackThatIsNotYetCommitted() async throws {
        let (store, fixture) = try await self.store()
        let (erased, isOver) = (Lock<[Erased]>([]), Lock(false))
        let erasures = Erasures(of: store) { unerased in
            erased.withLock { $0.append(Erased(unerased)) }
            return true
        }
        let general = fixture.general
        try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            _ = try tables.forget(general)
            Task {
                await erasures.run()
                isOver.withLock { $0 = true }
            }
            // The asking gets every chance to be over before the commit, and must not be.
            for _ in 0..<100 where !isOver.withLock({ $0 }) { usleep(1_000) }
        }
        await erasures.run()
        while !isOver.withLock({ $0 }) { await Task.yield() }
        #expect(erased.withLock { $0 }.map(\.isWhole) == [true])
        await store.close()
    }

    @Test func anEarlierEditNeverComesAfterALaterOne() async throws {
        let (store, fixture) = try await self.store()
        let (erased, held) = (Lock<[Erased]>([]), Lock<CheckedContinuation<Void, Never>?>(nil))
        let erasures = Erasures(of: store) { unerased in
            let isFirst = erased.withLock { $0.isEmpty }
            erased.withLock { $0.append(Erased(unerased)) }
            if isFirst { await withCheckedContinuation { next in held.withLock { $0 = next } } }
            return true
        }
        try await self.edit("first", as: 2, fixture, store)
        let running = Task { await erasures.run() }
        while held.withLock({ $0 == nil }) { await Task.yield() }
        try await self.edit("second", as: 3, fixture, store)
        await erasures.run()
        #expect(erased.withLock { $0 }.map(\.text) == ["first"], "one at a time")
        held.withLock { $0 }?.resume()
        await running.value
        #expect(erased.withLock { $0 }.last { $0.offset == 1 }?.text == "second")
        await store.close()
    }

    @Test func aWholeChannelIsTakenBackThoughItsLastBroadcastIsJustBeingRewritten() async throws {
        let (store, fixture) = try await self.store()
        try await self.edit("first", as: 2, fixture, store)
        let (erased, general, path) = (Lock<[Erased]>([]), fixture.general, self.key.channel)
        let erasures = Erasures(of: store) { unerased in
            let isFirst = erased.withLock { $0.isEmpty }
            erased.withLock { $0.append(Erased(unerased)) }
            guard isFirst else { return true }
            // Meanwhile an administrator forgets the room.
            return
                (try? await store.write { (tables: ChatTables) throws(SQLiteFault) in try tables.forget(general) })
                != nil
        }
        try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            // For good, as of a message that is too old: its edit, which came last, says nothing either.
            try tables.redact(1, in: path, to: nil)
        }
        await erasures.run()
        #expect(erased.withLock { $0 }.contains { $0.isWhole && $0.offset == 2 }, "\(erased.withLock { $0 })")
        await store.close()
    }

    @Test func redisIsToldLaterWhenItDoesNotAnswer() async throws {
        let (store, fixture) = try await self.store()
        let (erased, isAway) = (Lock<[Erased]>([]), Lock(true))
        let erasures = Erasures(of: store) { unerased in
            guard !isAway.withLock({ $0 }) else { return false }
            erased.withLock { $0.append(Erased(unerased)) }
            return true
        }
        try await self.edit("first", as: 2, fixture, store)
        await erasures.run()
        #expect(erased.withLock { $0 }.isEmpty)
        isAway.withLock { $0 = false }
        await erasures.run()
        #expect(erased.withLock { $0 }.map(\.text) == ["first"])
        await store.close()
    }
}
