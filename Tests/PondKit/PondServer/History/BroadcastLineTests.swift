import PondTestSupport
import PondTesting
import Testing

@testable import PondCore
@testable import PondServer

@Suite struct BroadcastLineTests {
    @Test func letsBroadcastsOutInTheirOrderWhateverOrderTheStoreTakesThemIn() {
        var random = SeededRandom()
        print("BroadcastLineTests seed \(random.seed)")
        for _ in 0..<100 {
            var line = BroadcastLine(after: 7)
            let broadcasts = (0..<10).map { _ in StoredBroadcast.number(line.number()) }
            for broadcast in broadcasts { line.storing(broadcast) }
            let failing = Set(broadcasts.map(\.offset).filter { $0 % 4 == 0 })
            var settled: [UInt64] = []
            for broadcast in broadcasts.shuffled(using: &random) {
                let error: PondError? = failing.contains(broadcast.offset) ? .unavailable("full") : nil
                for outcome in line.stored(broadcast.offset, error) {
                    switch outcome {
                    case .goesOut(let broadcast):
                        #expect(!failing.contains(broadcast.offset))
                        settled.append(broadcast.offset)
                    case .failed(let broadcast, let error):
                        #expect(failing.contains(broadcast.offset) && error.message == "full")
                        settled.append(broadcast.offset)
                    }
                }
                #expect(line.settled == settled.last ?? 7)
            }
            #expect(settled == Array(8...17))
            #expect(line.count == 0 && line.last == 17)
        }
    }

    @Test func ignoresWhatItDoesNotWaitFor() {
        var line = BroadcastLine(after: 0)
        line.storing(.number(line.number()))
        var outcomes = line.stored(9, nil)
        #expect(outcomes == [])
        outcomes = line.stored(1, nil)
        #expect(outcomes == [.goesOut(.number(1))])
        outcomes = line.stored(1, nil)
        #expect(outcomes == [])
    }
}
