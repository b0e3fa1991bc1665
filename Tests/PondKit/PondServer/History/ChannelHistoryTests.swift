import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondRuntime
@testable import PondServer

@Suite struct ChannelHistoryTests {
    private let key = HistoryKey(endpoint: "/socket", channel: "/chat/1")
    private let loop = EventLoop(name: "test", clock: ManualClock())
    private let cache = MemoryHistoryStore(bounds: HistoryBounds(messages: 3, bytes: 100_000, age: .seconds(60)))

    /// What happened, in order.
    private final class Events: @unchecked Sendable {
        var list: [String] = []
    }

    private func open(in store: any HistoryStore) throws -> ChannelHistory {
        let answer = Answer<Result<ChannelHistory, PondError>>()
        ChannelHistory.open(self.key, in: store, cache: self.cache, on: self.loop) { answer.set($0) }
        (store as? SlowHistoryStore)?.work()
        return try #require(answer.value).get()
    }

    private func add(_ history: ChannelHistory, to events: Events) {
        history.add(
            event: "e",
            requestId: "r",
            recipients: .all,
            payload: .empty,
            origin: nil,
            goesOut: { events.list.append("out \($0.offset)") },
            failed: { events.list.append("failed \($0.offset) \($1.message)") }
        )
    }

    private func recover(_ history: ChannelHistory, after offset: UInt64, _ store: SlowHistoryStore) -> [UInt64]? {
        let position = StreamPosition(epoch: history.position.epoch, offset: offset)
        let prepared = Answer<ChannelHistory.Prepared>()
        history.prepare(position, maximumBytes: 10_000) { prepared.set($0) }
        store.work()
        guard let prepared = prepared.value else { return nil }
        return history.missed(after: position, prepared, maximumBytes: 10_000).broadcasts?.map(\.offset)
    }

    @Test func letsBroadcastsOutAtOnceWhereMemoryIsTheStore() throws {
        let history = try self.open(in: self.cache)
        let events = Events()
        for _ in 1...3 { self.add(history, to: events) }
        #expect(events.list == ["out 1", "out 2", "out 3"])
        history.whenSettled([1, 2, 3]) { events.list.append("settled \($0?.message ?? "well")") }
        #expect(events.list.last == "settled well")
        #expect(history.position.offset == 3)
    }

    @Test func letsBroadcastsOutWhenTheyAreStoredAndTellsWhoWaits() throws {
        let store = SlowHistoryStore()
        let history = try self.open(in: store)
        let events = Events()
        self.add(history, to: events)
        self.add(history, to: events)
        history.whenSettled([1, 2]) { events.list.append("settled \($0?.message ?? "well")") }
        #expect(events.list.isEmpty)
        #expect(history.position.offset == 0 && history.lastNumber == 2)
        store.work(1)
        #expect(events.list == ["out 1"])
        store.failing = true
        store.work()
        #expect(events.list == ["out 1", "failed 2 disk full", "settled disk full"])
        store.failing = false
        self.add(history, to: events)
        history.whenSettled([3]) { events.list.append("settled \($0?.message ?? "well")") }
        store.work()
        #expect(events.list.suffix(2) == ["out 3", "settled well"])
        #expect(history.position.offset == 3)
    }

    @Test func tellsOfAFailureThatCameBeforeAnybodyAsked() throws {
        let store = SlowHistoryStore()
        let history = try self.open(in: store)
        let events = Events()
        self.add(history, to: events)
        store.failing = true
        store.work()
        history.whenSettled([1]) { events.list.append("first \($0?.message ?? "well")") }
        history.whenSettled([]) { events.list.append("second \($0?.message ?? "well")") }
        self.add(history, to: events)
        history.whenSettled([1, 2]) { events.list.append("third \($0?.message ?? "well")") }
        store.failing = false
        store.work()
        #expect(
            events.list == ["failed 1 disk full", "first disk full", "second well", "out 2", "third disk full"]
        )
    }

    @Test func tellsNobodyOfTheFailuresOfOthers() throws {
        let store = SlowHistoryStore()
        let history = try self.open(in: store)
        let events = Events()
        for _ in 1...3 { self.add(history, to: events) }
        history.whenSettled([1, 3]) { events.list.append("mine \($0?.message ?? "well")") }
        history.whenSettled([2]) { events.list.append("theirs \($0?.message ?? "well")") }
        store.work(1)
        store.failing = true
        store.work(1)
        store.failing = false
        #expect(events.list == ["out 1", "failed 2 disk full", "theirs disk full"])
        store.work()
        #expect(events.list.suffix(2) == ["out 3", "mine well"])
    }

    @Test func recoversFromTheStoreWhatMemoryForgot() throws {
        let store = SlowHistoryStore()
        let history = try self.open(in: store)
        let events = Events()
        for _ in 1...6 { self.add(history, to: events) }
        store.work()
        #expect(self.recover(history, after: 4, store) == [5, 6])
        #expect(store.reads == 0)
        #expect(self.recover(history, after: 1, store) == [2, 3, 4, 5, 6])
        #expect(store.reads == 1)
        #expect(self.recover(history, after: 7, store) == nil)
        #expect(store.reads == 1)
    }

    @Test func recoversOverTheNumbersThatACrashLeftUnused() throws {
        let store = SlowHistoryStore()
        let events = Events()
        let before = try self.open(in: store)
        for _ in 1...6 { self.add(before, to: events) }
        store.work()
        store.crash()
        let after = try self.open(in: store)
        #expect(self.recover(after, after: 4, store) == [5, 6])
        self.add(after, to: events)
        store.work()
        #expect(self.recover(after, after: 4, store) == [5, 6, 1_007])
        #expect(self.recover(after, after: 6, store) == [1_007])
    }

    @Test func addsToWhatTheStoreHadWhatWentOutMeanwhileAndNothingTwice() throws {
        let store = SlowHistoryStore()
        let history = try self.open(in: store)
        let events = Events()
        for _ in 1...6 { self.add(history, to: events) }
        store.work()
        let position = StreamPosition(epoch: history.position.epoch, offset: 1)
        let prepared = Answer<ChannelHistory.Prepared>()
        history.prepare(position, maximumBytes: 10_000) { prepared.set($0) }
        store.work()
        self.add(history, to: events)
        store.work()
        self.add(history, to: events)
        let answer = try #require(prepared.value)
        #expect(
            history.missed(after: position, answer, maximumBytes: 10_000).broadcasts?.map(\.offset) == [
                2, 3, 4, 5, 6, 7,
            ]
        )
        // Memory has lost the join between the two: nothing is better than a hole.
        for _ in 1...5 { self.add(history, to: events) }
        store.work()
        #expect(history.missed(after: position, answer, maximumBytes: 10_000).broadcasts == nil)
    }

    @Test func saysWhenItCannotBeOpened() {
        let store = SlowHistoryStore()
        store.failing = true
        #expect(throws: PondError.unavailable("disk full")) { try self.open(in: store) }
    }
}

extension ChannelHistory.Missed {
    /// What was missed; `nil` where it cannot be had.
    fileprivate var broadcasts: [StoredBroadcast]? {
        if case .whole(let broadcasts) = self { broadcasts } else { nil }
    }
}
