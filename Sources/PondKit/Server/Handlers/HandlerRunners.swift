/// Tasks of one event loop that run handlers which may suspend; one that is done waits for the next handler.
///
/// A parked task costs less to wake than a new one costs to make, and it never leaves the loop.
/// Confined to its loop.
final class HandlerRunners {
    private let loop: EventLoop
    private var idle: [Runner] = []
    private static let mostIdle = 64

    init(loop: EventLoop) { self.loop = loop }

    deinit { for runner in self.idle { runner.end() } }

    /// Runs `work` in a task on the loop, soon.
    func run(_ work: @escaping () async -> Void) {
        if let runner = self.idle.popLast() {
            runner.wake(work)
            return
        }
        let runner = Runner(work, owner: self)
        Task(executorPreference: self.loop) { await runner.serve() }
    }

    /// Keeps a runner for later; false when there are enough.
    fileprivate func park(_ runner: Runner) -> Bool {
        guard self.idle.count < Self.mostIdle else { return false }
        self.idle.append(runner)
        return true
    }

    /// Lets the parked tasks end.
    func stop() {
        let idle = self.idle
        self.idle = []
        for runner in idle { runner.end() }
    }
}

/// `@unchecked Sendable`: everything is touched on the loop that its task prefers.
private final class Runner: @unchecked Sendable {
    private var work: (() async -> Void)?
    private weak var owner: HandlerRunners?
    private var parked: UnsafeContinuation<Void, Never>?
    private var isOver = false

    init(_ work: @escaping () async -> Void, owner: HandlerRunners) {
        self.work = work
        self.owner = owner
    }

    func wake(_ work: @escaping () async -> Void) {
        self.work = work
        self.unpark()
    }

    func end() {
        self.isOver = true
        self.unpark()
    }

    private func unpark() {
        let parked = self.parked
        self.parked = nil
        parked?.resume()
    }

    func serve() async {
        while let work = self.work {
            self.work = nil
            await work()
            guard self.owner?.park(self) == true else { return }
            // Others run on the loop between the parking and this: work may have come already.
            await withUnsafeContinuation { continuation in
                if self.work == nil, !self.isOver {
                    self.parked = continuation
                } else {
                    continuation.resume()
                }
            }
        }
    }
}
