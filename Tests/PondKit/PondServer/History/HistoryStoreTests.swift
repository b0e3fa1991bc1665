import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

/// What every store must do; a store is added by its name.
@Suite struct HistoryStoreTests {
    private static let channel = HistoryKey(endpoint: "/socket", channel: "/chat/1")

    private func make(_ kind: String) -> any HistoryStore {
        switch kind {
        case "slow": SlowHistoryStore()
        default: MemoryHistoryStore()
        }
    }

    @Test(arguments: ["memory", "slow"])
    func givesBackWhatWasStoredAfterAPosition(kind: String) throws {
        let store = self.make(kind)
        let loop = EventLoop(name: "test", clock: ManualClock())
        func wait<Value>(_ begin: (@escaping @Sendable (Value) -> Void) -> Void) throws -> Value {
            let result = Answer<Value>()
            begin { result.set($0) }
            for _ in 0..<5 where result.value == nil {
                (store as? SlowHistoryStore)?.work()
                loop.runUntilIdle()
            }
            return try #require(result.value)
        }
        let start: StreamPosition = try wait { store.open(Self.channel, on: loop, then: $0) }.get()
        #expect(start.offset == 0 && !start.epoch.isEmpty)
        for offset in 1...5 as ClosedRange<UInt64> {
            let error: PondError? = try wait {
                store.append(.number(offset), to: Self.channel, epoch: start.epoch, on: loop, then: $0)
            }
            #expect(error == nil)
        }
        func read(_ position: StreamPosition, maximumBytes: Int = .max) throws -> [UInt64]? {
            try wait { store.read(Self.channel, after: position, maximumBytes: maximumBytes, on: loop, then: $0) }
                .get().offsets
        }
        #expect(try read(start) == [1, 2, 3, 4, 5])
        #expect(try read(StreamPosition(epoch: start.epoch, offset: 3)) == [4, 5])
        #expect(try read(StreamPosition(epoch: start.epoch, offset: 5)) == [])
        #expect(try read(StreamPosition(epoch: start.epoch, offset: 6)) == nil)
        #expect(try read(StreamPosition(epoch: "other", offset: 3)) == nil)
        #expect(try read(start, maximumBytes: 10) == nil)
        store.close(Self.channel, on: loop)
        let again: StreamPosition = try wait { store.open(Self.channel, on: loop, then: $0) }.get()
        #expect(again == StreamPosition(epoch: start.epoch, offset: 5))
        let other: StreamPosition = try wait {
            store.open(HistoryKey(endpoint: "/other", channel: "/chat/1"), on: loop, then: $0)
        }.get()
        #expect(other.offset == 0 && other.epoch != start.epoch)
    }
}
