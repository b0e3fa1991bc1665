import Glibc
import PondTestSupport
import Testing

@testable import PondRuntime

@Suite(.timeLimit(.minutes(1))) struct SignalWatcherTests {
    @Test func tellsOfEverySignalOnItsLoop() async throws {
        let loop = EventLoop(name: "signals")
        loop.start()
        let seen = Lock<[Int32]>([])
        let second = Awaited<Bool>()
        let watcher = try await SignalWatcher.watch([SIGUSR1, SIGWINCH], on: loop) { signal in
            seen.withLock { $0.append(signal) }
            if seen.withLock({ $0.count }) == 2 { second.set(loop.isCurrent) }
        }
        // To the loop's own thread: the other threads of a test run have not blocked these signals.
        try await loop.run {
            pthread_kill(pthread_self(), SIGUSR1)
            pthread_kill(pthread_self(), SIGWINCH)
        }
        #expect(await second.value())
        #expect(Set(seen.withLock { $0 }) == [SIGUSR1, SIGWINCH])
        await watcher.stop()
        await loop.stop()
    }
}
