import PondKit
import Testing

@Suite struct BackoffTests {
    @Test func doublesFromOneSecondToTheCap() {
        let ceilings = (0...8).map { Backoff().ceiling(failures: $0) }
        #expect(ceilings == [.zero] + [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        #expect(Backoff().ceiling(failures: .max) == .seconds(30))
    }

    @Test func drawsTheWholeRangeEvenly() {
        let backoff = Backoff()
        #expect(backoff.delay(failures: 3, random: 0) == Backoff.shortest)
        #expect(backoff.delay(failures: 3, random: 0.5) == .seconds(2))
        #expect(backoff.delay(failures: 3, random: 7) == .seconds(4))
    }

    @Test func survivesSettingsThatMakeNoSense() {
        for factor in [0, -1, .nan, .infinity, 1e308] {
            let backoff = Backoff(first: .seconds(1), factor: factor, cap: .seconds(5))
            for failures in [Int.min, -1, 0, 1, 2, 100] {
                let delay = backoff.delay(failures: failures, random: 0.99)
                #expect(delay >= .zero && delay <= .seconds(5))
            }
        }
        for bounds in [Duration.zero, .seconds(-5), .nanoseconds(1)] {
            let backoff = Backoff(first: bounds, factor: 2, cap: bounds)
            #expect(backoff.delay(failures: 1_000, random: 1) == Backoff.shortest)
        }
        let endless = Backoff(first: .seconds(Int64.max), factor: 2, cap: .seconds(Int64.max))
        #expect(endless.delay(failures: 3, random: 1) > .seconds(9_000_000_000))
    }

    @Test func spreadsAThousandClientsThatLoseOneServer() {
        var generator = SystemRandomNumberGenerator()
        var perTenth = [Int](repeating: 0, count: 10)
        for _ in 0..<1_000 {
            let delay = Backoff().delay(failures: 1, random: Double.random(in: 0..<1, using: &generator))
            perTenth[min(9, Int(delay.inSeconds * 10))] += 1
        }
        #expect(perTenth.allSatisfy { $0 > 50 && $0 < 160 }, "\(perTenth)")
    }
}
