import PondKit
import Testing

@testable import PondChat

@Suite struct PeerNumberTests {
    @Test func everyDoubleBecomesABoundedWait() {
        let extremes: [(Double, Int64?)] = [
            (0, 0), (-1, 0), (1.5, 1_500), (1e300, PeerNumber.longest), (-1e300, 0), (.infinity, PeerNumber.longest),
            (-.infinity, 0), (.nan, nil), (.leastNonzeroMagnitude, 0), (9.3e15, PeerNumber.longest),
        ]
        for (seconds, expected) in extremes {
            #expect(PeerNumber.milliseconds(ofSeconds: seconds) == expected, "\(seconds)")
        }
        #expect(PeerNumber.whole(9_223_372_036_854_775_808) == .max)
        #expect(PeerNumber.whole(-1e19) == .min)
        #expect(PeerNumber.whole(-2.9) == -2)
    }

    @Test func arithmeticOnMomentsSaturates() {
        let moments = [Int64.min, -1, 0, 1, 1_700_000_000_000, .max].map(ChatTime.init(milliseconds:))
        for start in moments {
            for end in moments {
                let span = PeerNumber.milliseconds(from: start, to: end)
                #expect((0...PeerNumber.longest).contains(span))
                #expect(start < end || span == 0)
            }
        }
        let longest = Duration(secondsComponent: 9_223_372_036_854_775, attosecondsComponent: 999_000_000_000_000_000)
        #expect((ChatTime(milliseconds: 5) + longest).milliseconds == .max)
        #expect((ChatTime(milliseconds: 5) + .seconds(Int64.min)).milliseconds == .min + 5)
        #expect(PeerNumber.count(.max) == PeerNumber.most)
        #expect(PeerNumber.count(.min) == 0)
        #expect(PeerNumber.before(0) == 0)
        #expect(PeerNumber.before(.max) == UInt64.max - 1)
    }
}
