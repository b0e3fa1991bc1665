import PondTesting
import Testing

@testable import PondCore

@Suite struct CompactBucketTests {
    private func time(_ milliseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func lastsForItsCapacityAndFillsAtItsRate() {
        var bucket = CompactBucket(capacity: 3, now: self.time(0))
        for _ in 0..<3 { #expect(bucket.take(rate: 2, capacity: 3, now: self.time(0)) == nil) }
        #expect(bucket.take(rate: 2, capacity: 3, now: self.time(0)) == 0.5)
        #expect(bucket.take(rate: 2, capacity: 3, now: self.time(250)) == 0.25)
        #expect(bucket.take(rate: 2, capacity: 3, now: self.time(500)) == nil)
        #expect(bucket.take(rate: 2, capacity: 3, now: self.time(500)) != nil)
        for _ in 0..<3 { #expect(bucket.take(rate: 2, capacity: 3, now: self.time(60_000)) == nil) }
        #expect(bucket.take(rate: 2, capacity: 3, now: self.time(60_000)) != nil)
    }

    /// It lets through what the exact bucket lets through, but for the part of a token that a millisecond is worth.
    @Test func agreesWithTheExactBucket() {
        for seed in UInt64(1)...20 {
            var random = SeededRandom(seed: seed)
            let rate = Double.random(in: 0.5...500, using: &random)
            let capacity = Int.random(in: 1...400, using: &random)
            var now: UInt64 = .random(in: 0..<10_000_000_000, using: &random)
            var compact = CompactBucket(capacity: capacity, now: MonotonicTime(nanoseconds: now))
            var exact = TokenBucket(rate: rate, capacity: capacity, now: MonotonicTime(nanoseconds: now))
            var taken = (compact: 0, exact: 0)
            for _ in 0..<5000 {
                now += .random(in: 0..<20_000_000, using: &random)
                let time = MonotonicTime(nanoseconds: now)
                if compact.take(rate: rate, capacity: capacity, now: time) == nil { taken.compact += 1 }
                if exact.take(now: time) == nil { taken.exact += 1 }
            }
            #expect(abs(taken.compact - taken.exact) <= 2 + taken.exact / 500, "seed \(seed): \(taken)")
        }
    }

    /// The count of milliseconds starts again every seven weeks: a wait over that is still a wait.
    @Test func goesOnWhenItsClockStartsAgain() {
        let end = UInt64(UInt32.max)
        var bucket = CompactBucket(capacity: 1, now: self.time(end - 10))
        #expect(bucket.take(rate: 1, capacity: 1, now: self.time(end - 10)) == nil)
        #expect(bucket.take(rate: 1, capacity: 1, now: self.time(end + 500)) != nil)
        #expect(bucket.take(rate: 1, capacity: 1, now: self.time(end + 1000)) == nil)
    }

    @Test func withoutARateItNeverFills() {
        var bucket = CompactBucket(capacity: 0, now: self.time(0))
        #expect(bucket.take(rate: 0, capacity: 0, now: self.time(1_000_000)) == .infinity)
    }
}
