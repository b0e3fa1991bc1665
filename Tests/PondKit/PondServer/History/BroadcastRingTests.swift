import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct BroadcastRingTests {
    private func ring(
        messages: Int = 100,
        bytes: Int = 1_000_000,
        age: Duration = .seconds(60),
        at offset: UInt64 = 0
    ) -> BroadcastRing {
        BroadcastRing(
            at: StreamPosition(epoch: "e", offset: offset),
            bounds: HistoryBounds(messages: messages, bytes: bytes, age: age)
        )
    }

    private func recovered(_ ring: BroadcastRing, after offset: UInt64, epoch: String = "e") -> [UInt64]? {
        ring.recover(after: StreamPosition(epoch: epoch, offset: offset)).offsets
    }

    @Test func givesAllThatCameAfterAPositionOrNothing() {
        var ring = self.ring(messages: 3, at: 10)
        #expect(self.recovered(ring, after: 10) == [])
        #expect(self.recovered(ring, after: 9) == nil)
        #expect(self.recovered(ring, after: 11) == nil)
        for offset in [11, 12, 14, 15] as [UInt64] { ring.append(.number(offset), now: .zero) }
        #expect(ring.position == StreamPosition(epoch: "e", offset: 15))
        #expect(self.recovered(ring, after: 10) == nil)
        #expect(self.recovered(ring, after: 11) == [12, 14, 15])
        #expect(self.recovered(ring, after: 12) == [14, 15])
        #expect(self.recovered(ring, after: 13) == [14, 15])
        #expect(self.recovered(ring, after: 15) == [])
        #expect(self.recovered(ring, after: 16) == nil)
        #expect(self.recovered(ring, after: .max) == nil)
        #expect(self.recovered(ring, after: 12, epoch: "other") == nil)
    }

    @Test func forgetsByNumberBytesAndAge() {
        var byBytes = self.ring(bytes: 3000)
        for offset in 1...10 as ClosedRange<UInt64> { byBytes.append(.number(offset, bytes: 800), now: .zero) }
        #expect(byBytes.bytes <= 3000 && byBytes.bytes > 1500)
        #expect(self.recovered(byBytes, after: 7) == [8, 9, 10])
        #expect(self.recovered(byBytes, after: 6) == nil)
        byBytes.append(.number(11, bytes: 5000), now: .zero)
        #expect(byBytes.count == 0 && byBytes.bytes == 0)
        #expect(self.recovered(byBytes, after: 11) == [])
        #expect(self.recovered(byBytes, after: 10) == nil)

        var byAge = self.ring(age: .seconds(10))
        for second in 1...8 as ClosedRange<UInt64> { byAge.append(.number(second), now: .seconds(second)) }
        byAge.expire(now: .seconds(14))
        #expect(self.recovered(byAge, after: 3) == [4, 5, 6, 7, 8])
        #expect(self.recovered(byAge, after: 2) == nil)
        byAge.expire(now: .seconds(1000))
        #expect(byAge.count == 0)
        #expect(byAge.position.offset == 8)
    }

    @Test func refusesAReplayThatIsTooLarge() {
        var ring = self.ring()
        for offset in 1...4 as ClosedRange<UInt64> { ring.append(.number(offset, bytes: 840), now: .zero) }
        let start = StreamPosition(epoch: "e", offset: 0)
        #expect(ring.recover(after: start, maximumBytes: 5000).offsets == [1, 2, 3, 4])
        #expect(ring.recover(after: start, maximumBytes: 3000) == .impossible)
    }

    @Test func agreesWithAPlainListWhateverHappens() {
        var random = SeededRandom()
        print("BroadcastRingTests seed \(random.seed)")
        for round in 0..<50 {
            let messages = Int.random(in: 1...20, using: &random)
            var ring = self.ring(messages: messages, age: .seconds(20))
            var list: [(offset: UInt64, at: UInt64)] = []
            var last: UInt64 = 0
            var forgotten: UInt64 = 0
            var now: UInt64 = 0
            for _ in 0..<200 {
                now += UInt64.random(in: 0...3, using: &random)
                if Bool.random(using: &random) {
                    last += UInt64.random(in: 1...2, using: &random)
                    ring.append(.number(last), now: .seconds(now))
                    list.append((last, now))
                } else {
                    ring.expire(now: .seconds(now))
                }
                while list.count > messages || (list.first.map { now - $0.at > 20 } ?? false) {
                    forgotten = list.removeFirst().offset
                }
                let wanted = UInt64.random(in: 0...last + 1, using: &random)
                let possible = wanted >= forgotten && wanted <= last
                let expected = possible ? list.map(\.offset).filter { $0 > wanted } : nil
                #expect(self.recovered(ring, after: wanted) == expected, "seed \(random.seed), round \(round)")
            }
        }
    }
}
