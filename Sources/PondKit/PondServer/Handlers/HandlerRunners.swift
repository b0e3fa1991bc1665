import PondCore
import PondRuntime
internal import Synchronization

/// Tasks of one event loop that run handlers which may suspend; one that is done waits for the next handler.
///
/// A parked task costs less to wake than a new one costs to make, and it never leaves the loop.
/// `@unchecked Sendable`: confined to its loop, except for `whenNoneRuns`, which uses what is atomic or locked.
final class HandlerRunners: @unchecked Sendable {
    private let loop: EventLoop
    private var idle: [Runner] = []
    /// The runners whose handler has not finished; each knows its place.
    private var running: [Runner] = []
    private static let mostIdle = 64

    // From any thread: how many handlers run, and who waits for none to run.
    private let count = Atomic<Int>(0)
    private let isAwaited = Atomic<Bool>(false)
    private let waiting = Lock<[@Sendable () -> Void]>([])

    init(loop: EventLoop) { self.loop = loop }

    deinit { for runner in self.idle { runner.end() } }

    /// What the handlers are that have not finished.
    var runningLabels: Set<HandlerLabel> { Set(self.running.map(\.label)) }

    /// Runs `work` in a task on the loop, soon.
    func run(_ label: HandlerLabel, _ work: @escaping () async -> Void) {
        let runner: Runner
        if let parked = self.idle.popLast() {
            runner = parked
            runner.label = label
            self.began(runner)
            runner.wake(work)
        } else {
            runner = Runner(label, work, owner: self)
            self.began(runner)
            runner.task = Task(executorPreference: self.loop) { await runner.serve() }
        }
    }

    private func began(_ runner: Runner) {
        runner.place = self.running.count
        self.running.append(runner)
        self.count.add(1, ordering: .sequentiallyConsistent)
    }

    /// Keeps a runner for later; false when there are enough, or when its task was cancelled.
    fileprivate func finished(_ runner: Runner) -> Bool {
        let last = self.running.removeLast()
        if last !== runner {
            last.place = runner.place
            self.running[runner.place] = last
        }
        let left = self.count.subtract(1, ordering: .sequentiallyConsistent).newValue
        if left == 0, self.isAwaited.load(ordering: .sequentiallyConsistent) { self.wakeWaiting() }
        guard !runner.isCancelled, self.idle.count < Self.mostIdle else { return false }
        self.idle.append(runner)
        return true
    }

    /// Lets the parked tasks end.
    func stop() {
        let idle = self.idle
        self.idle = []
        for runner in idle { runner.end() }
    }

    /// Cancels the tasks of the handlers that have not finished, but for one: the task that asks for it.
    func cancelAll(but own: Int?) {
        for runner in self.running where runner.taskID == nil || runner.taskID != own { runner.cancel() }
    }

    /// Whether the caller is a handler of this loop, in the task of this id.
    func runsCaller(_ task: Int?) -> Bool {
        self.loop.isCurrent && self.running.contains { $0.taskID != nil && $0.taskID == task }
    }

    /// Calls `wake` when no handler runs, at once where none does. Callable from any thread.
    func whenNoneRuns(_ wake: @escaping @Sendable () -> Void) {
        self.waiting.withLock { $0.append(wake) }
        self.isAwaited.store(true, ordering: .sequentiallyConsistent)
        if self.count.load(ordering: .sequentiallyConsistent) == 0 { self.wakeWaiting() }
    }

    private func wakeWaiting() {
        let waiting = self.waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for wake in waiting { wake() }
    }
}

/// What a handler is, for people.
struct HandlerLabel: Hashable {
    let kind: HandlerKind
    let endpoint: String
    /// The pattern of the lobby, or of the endpoint where there is none.
    let place: String
}

/// `@unchecked Sendable`: everything is touched on the loop that its task prefers.
private final class Runner: @unchecked Sendable {
    /// Where it stands among those that run.
    var place = 0
    /// What its handler is.
    var label: HandlerLabel
    var task: Task<Void, Never>?
    /// Tells its task from others.
    private(set) var taskID: Int?
    private(set) var isCancelled = false
    private var work: (() async -> Void)?
    private weak var owner: HandlerRunners?
    private var parked: UnsafeContinuation<Void, Never>?
    private var isOver = false

    init(_ label: HandlerLabel, _ work: @escaping () async -> Void, owner: HandlerRunners) {
        self.label = label
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

    func cancel() {
        self.isCancelled = true
        self.task?.cancel()
    }

    private func unpark() {
        let parked = self.parked
        self.parked = nil
        parked?.resume()
    }

    func serve() async {
        self.taskID = withUnsafeCurrentTask { $0?.hashValue }
        while let work = self.work {
            self.work = nil
            await work()
            guard self.owner?.finished(self) == true else { break }
            // Others run on the loop between the parking and this: work may have come already.
            await withUnsafeContinuation { continuation in
                if self.work == nil, !self.isOver {
                    self.parked = continuation
                } else {
                    continuation.resume()
                }
            }
        }
        self.task = nil
    }
}
