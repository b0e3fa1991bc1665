import PondKit
import Testing

@testable import PondTesting

@Suite struct EventLoopTests {
    @Test func runsTimersInTheOrderOfTheirTimesWhenTheClockMoves() {
        let clock = ManualClock()
        let loop = EventLoop(name: "test", clock: clock)
        let seen = Lock<[Int]>([])
        loop.execute { [loop] in
            loop.schedule(after: .seconds(2)) { seen.withLock { $0.append(2) } }
            loop.schedule(after: .seconds(1)) { seen.withLock { $0.append(1) } }
        }
        loop.runUntilIdle()
        #expect(seen.withLock { $0 } == [])
        clock.advance(by: .seconds(3))
        loop.runUntilIdle()
        #expect(seen.withLock { $0 } == [1, 2])
    }

    @Test func runsWorkOnItsOwnThread() async throws {
        let loop = EventLoop(name: "test")
        loop.start()
        let current = try await loop.run { loop.isCurrent }
        #expect(current)
        #expect(!loop.isCurrent)
        await loop.stop()
    }
}
