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

    @Test func runsTheTasksThatPreferItWithoutAThread() {
        let loop = EventLoop(name: "test", clock: ManualClock())
        let seen = Lock<[String]>([])
        Task(executorPreference: loop) {
            seen.withLock { $0.append("first \(loop.isCurrent)") }
            await Task.yield()
            seen.withLock { $0.append("second \(loop.isCurrent)") }
        }
        loop.runUntilIdle()
        #expect(seen.withLock { $0 } == ["first true", "second true"])
    }

    @Test func wakesForATimerThatAHandMovedClockMadeDue() async {
        let clock = ManualClock()
        let loop = EventLoop(name: "test", clock: clock)
        loop.start()
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.schedule(after: .seconds(60)) { continuation.resume() }
                clock.advance(by: .seconds(61))
            }
        }
        await loop.stop()
    }

    @Test func keepsTheOrderOfWorkHandedOverByOneThread() async throws {
        let loop = EventLoop(name: "test")
        loop.start()
        let seen = Lock<[Int]>([])
        for number in 0..<10_000 { loop.execute { seen.withLock { $0.append(number) } } }
        try await loop.run {}
        #expect(seen.withLock { $0 } == Array(0..<10_000))
        await loop.stop()
    }

    @Test func losesNothingThatManyThreadsHandOverWhileItFallsAsleepAndWakes() async throws {
        let loop = EventLoop(name: "test")
        loop.start()
        let count = Lock(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 { try? await loop.run { count.withLock { $0 += 1 } } }
                }
            }
        }
        #expect(count.withLock { $0 } == 4000)
        await loop.stop()
    }

    @Test func firesARearmedTimerAtItsNewTimeOnly() {
        let clock = ManualClock()
        let loop = EventLoop(name: "test", clock: clock)
        var fired = 0
        let timer = loop.schedule(after: .seconds(1)) { fired += 1 }
        #expect(loop.reschedule(timer, after: .seconds(5)))
        clock.advance(by: .seconds(4))
        loop.runUntilIdle()
        #expect(fired == 0)
        clock.advance(by: .seconds(1))
        loop.runUntilIdle()
        #expect(fired == 1)
        #expect(!loop.reschedule(timer, after: .seconds(1)))
    }

    @Test func aTimerThatArmsItselfAgainWithoutDelayDoesNotHoldTheTurn() {
        let clock = ManualClock()
        let loop = EventLoop(name: "test", clock: clock)
        var order: [String] = []
        func again(_ left: Int) {
            order.append("timer")
            if left > 0 { loop.schedule(after: .zero) { again(left - 1) } }
        }
        loop.schedule(after: .zero) { again(2) }
        loop.schedule(after: .zero) { loop.atEndOfTurn { order.append("end of turn") } }
        loop.runUntilIdle()
        #expect(order == ["timer", "end of turn", "timer", "timer"])
    }

    @Test func callsTheEndOfTheTurnAfterEverythingTheTurnRan() {
        let loop = EventLoop(name: "test", clock: ManualClock())
        let seen = Lock<[String]>([])
        loop.execute {
            loop.atEndOfTurn { seen.withLock { $0.append("end") } }
            loop.execute { seen.withLock { $0.append("later work of the turn") } }
        }
        loop.execute { seen.withLock { $0.append("work") } }
        loop.runUntilIdle()
        #expect(seen.withLock { $0 } == ["work", "later work of the turn", "end"])
    }

    @Test func runsWhatItHasBeforeItStopsAndRefusesWhatComesLater() async {
        let loop = EventLoop(name: "test")
        let ran = Lock(0)
        for _ in 0..<100 { loop.execute { ran.withLock { $0 += 1 } } }
        loop.start()
        await loop.stop()
        #expect(ran.withLock { $0 } == 100)
        loop.execute { ran.withLock { $0 += 1 } }
        await #expect(throws: PondError.self) { try await loop.run {} }
        #expect(ran.withLock { $0 } == 100)
    }

    @Test func canBeStoppedByATaskOfItsOwn() async {
        let loop = EventLoop(name: "test")
        loop.start()
        await Task(executorPreference: loop) { await loop.stop() }.value
        // The loop runs what its own task still does, so it may end a moment later.
        await loop.stop()
        await #expect(throws: PondError.self) { try await loop.run {} }
    }
}
