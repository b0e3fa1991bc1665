import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite struct MemoryTrimmerTests {
    private let start = ManualClock().now()
    private let large = 4 * MemoryTrimmer.threshold

    @Test func leavesTheAllocatorAloneWhileLittleIsUnused() {
        var trimmer = MemoryTrimmer()
        let isDue = [(self.large, self.large), (0, self.large), (self.large, 0)].map {
            trimmer.isDue(resident: $0.0, used: $0.1, now: self.start)
        }
        #expect(isDue == [false, false, true])
    }

    @Test func triesLessOftenWhereNothingComesBack() {
        var trimmer = MemoryTrimmer()
        var (now, gaps) = (self.start, [Int]())
        for _ in 0..<3 {
            var seconds = 0
            while !trimmer.isDue(resident: self.large, used: 0, now: now) {
                now = now + .seconds(1)
                seconds += 1
            }
            trimmer.gave(0)
            gaps.append(seconds)
        }
        #expect(gaps == [0, 20, 40])
        trimmer.gave(self.large)
        let isDueAgain = trimmer.isDue(resident: self.large, used: 0, now: now + .seconds(10))
        #expect(isDueAgain)
    }

    @Test(.enabled(if: MemoryTrimmer.Heap.used > 0, "the allocator of a sanitizer keeps no statistics"))
    func givesBackWhatABurstLeft() {
        // Pieces that the allocator takes from its heap, with one in use behind them that keeps the heap's end.
        var pieces = (0..<2_048).map { _ in [UInt8](repeating: 1, count: 64 << 10) }
        let keeper = [UInt8](repeating: 1, count: 1_024)
        #expect(MemoryTrimmer.Heap.resident > 100 << 20)
        #expect(MemoryTrimmer.Heap.used > 100 << 20)
        let full = MemoryTrimmer.Heap.resident
        pieces = []
        _ = MemoryTrimmer.Heap.trim()
        #expect(MemoryTrimmer.Heap.resident < full - (64 << 20))
        withExtendedLifetime((pieces, keeper)) {}
    }
}
