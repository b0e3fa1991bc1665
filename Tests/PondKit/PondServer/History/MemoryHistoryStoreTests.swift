import PondTestSupport
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct MemoryHistoryStoreTests {
    private func key(_ number: Int) -> HistoryKey { HistoryKey(endpoint: "/", channel: "\(number)") }

    @Test func keepsThePastOfAChannelThatWasDesertedAndForgetsItAfterItsAge() {
        let store = MemoryHistoryStore(bounds: HistoryBounds(messages: 10, bytes: 100_000, age: .seconds(60)))
        let log = store.log(of: self.key(1), now: .zero)
        log.append(.number(1), now: .zero)
        let position = log.ring.position
        store.desert(self.key(1), now: .seconds(1))
        #expect(store.log(of: self.key(1), now: .seconds(61)).ring.position == position)
        store.desert(self.key(1), now: .seconds(100))
        _ = store.log(of: self.key(2), now: .seconds(161))
        #expect(store.channelCount == 1)
        #expect(store.totalBytes == 0)
        let anew = store.log(of: self.key(1), now: .seconds(161))
        #expect(anew.ring.position.offset == 0 && anew.ring.position.epoch != position.epoch)
    }

    @Test func boundsItsChannelsButNeverForgetsOneInUse() {
        let store = MemoryHistoryStore(maximumChannels: 3)
        for number in 1...3 { _ = store.log(of: self.key(number), now: .zero) }
        let first = store.log(of: self.key(1), now: .zero).ring.epoch
        store.desert(self.key(2), now: .zero)
        _ = store.log(of: self.key(4), now: .zero)
        #expect(store.channelCount == 3)
        _ = store.log(of: self.key(5), now: .zero)
        #expect(store.channelCount == 4)
        #expect(store.log(of: self.key(1), now: .zero).ring.epoch == first)
    }

    @Test func boundsTheBytesOfAllChannelsTogether() {
        let store = MemoryHistoryStore(maximumBytes: 100_000)
        for number in 1...50 {
            let log = store.log(of: self.key(number), now: .zero)
            for offset in 1...10 as ClosedRange<UInt64> { log.append(.number(offset, bytes: 1000), now: .zero) }
            #expect(store.totalBytes <= 100_000)
            if number % 2 == 0 { store.desert(self.key(number), now: .zero) }
        }
        #expect(store.totalBytes > 10_000)
        var total = 0
        for number in 1...50 { total += store.log(of: self.key(number), now: .zero).ring.bytes }
        #expect(store.totalBytes == total, "what is counted is what is kept")
    }

    @Test func costsNothingToComeAndGoOften() {
        var logs = DesertedLogs()
        let store = MemoryHistoryStore()
        let log = MemoryHistoryLog(
            at: StreamPosition(epoch: "e", offset: 0),
            bounds: HistoryBounds(.default),
            of: store
        )
        _ = logs.add(log, of: self.key(1))
        for _ in 0..<10_000 {
            logs.desert(self.key(1), now: .zero)
            _ = logs.enter(self.key(1))
        }
        #expect(logs.queueLength < 200)
    }
}
