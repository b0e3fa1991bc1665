import PondRuntime

/// Sends over a link what waits, as far as the server keeps up, and at the end waits for the answers.
///
/// `@unchecked Sendable`: `state` is guarded by its lock; everything else that changes is touched on `loop` only.
final class RedisSpeaker<Waiting: RedisWaiting>: @unchecked Sendable {
    private struct State {
        var waiting: Waiting
        /// Whether `speak` will be called without anybody asking for it.
        var isScheduled = false
        var isClosed = false
    }

    let link: RedisLink
    private let loop: EventLoop
    private let state: Lock<State>
    /// Whether sending goes on by itself when the server has caught up.
    private var isPausing = false
    /// What to do when nothing waits any more and all is answered.
    private var ends: [() -> Void] = []

    init(_ waiting: Waiting, over link: RedisLink, on loop: EventLoop) {
        self.link = link
        self.loop = loop
        self.state = Lock(State(waiting: waiting))
    }

    /// Whether nothing more is taken.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Looks at what waits, or changes it otherwise than by adding to it.
    func withWaiting<Result: Sendable>(_ body: (inout Waiting) -> Result) -> Result {
        self.state.withLock { body(&$0.waiting) }
    }

    /// Adds to what waits, by a closure that says whether there was room; false where there was none, or at the end.
    func add(_ body: (inout Waiting) -> Bool) -> Bool {
        let (isTaken, mustSchedule) = self.state.withLock { state in
            guard !state.isClosed, body(&state.waiting) else { return (false, false) }
            defer { state.isScheduled = true }
            return (true, !state.isScheduled)
        }
        if mustSchedule { self.loop.execute { self.speak() } }
        return isTaken
    }

    /// Sends what waits, many in one go.
    func speak() {
        guard self.link.canTake else {
            self.state.withLock { $0.isScheduled = false }
            return self.pause()
        }
        var bytes: [UInt8] = []
        let isMore = self.state.withLock { state in
            while bytes.count < 256 * 1024, state.waiting.next(into: &bytes) {}
            state.isScheduled = state.waiting.waitingCount > 0
            return state.isScheduled
        }
        if !bytes.isEmpty { self.link.send(bytes) }
        if isMore { self.loop.execute { self.speak() } }
    }

    private func pause() {
        guard self.link.isReady, !self.isPausing else { return }
        // In another turn: what only waits for the end of this one is gone then.
        self.isPausing = true
        self.loop.schedule(after: .milliseconds(2)) { [weak self] in
            self?.isPausing = false
            self?.speak()
        }
    }

    /// Takes nothing more, and calls `end` when all was answered, or after a second; false where it was closed before.
    func close(_ end: @escaping @Sendable () -> Void) async -> Bool {
        let wasClosed = self.state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return false }
        await withCheckedContinuation { continuation in
            self.loop.execute {
                var isDone = false
                let finish = {
                    guard !isDone else { return }
                    isDone = true
                    end()
                    continuation.resume()
                }
                self.ends.append(finish)
                self.loop.schedule(after: .seconds(1), finish)
                self.speak()
                self.settle()
            }
        }
        return true
    }

    /// Something was answered, or is given up.
    func settle() {
        guard !self.ends.isEmpty, self.withWaiting({ $0.isSettled }) else { return }
        let ends = self.ends
        self.ends = []
        for end in ends { end() }
    }
}
