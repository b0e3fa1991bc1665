internal import Glibc

/// One thread that runs everything of the connections and channels that belong to it, in order.
///
/// It is a serial executor for actors bound to it and a task executor for tasks that must not leave it:
/// make framework tasks with `Task(executorPreference: loop)`, for a plain task resumes on the global pool.
///
/// `@unchecked Sendable`: `shared` is guarded by its lock; every other variable is touched on the loop's thread only.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// The name of the loop's thread.
    public let name: String
    private let clock: any LoopClock
    private let shared = Lock(Shared())
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    private var timers: [Timer] = []
    private var nextTimer: UInt64 = 1
    private var endOfTurn: [() -> Void] = []
    private var cachedNow: MonotonicTime

    private struct Shared {
        var inbox: [Item] = []
        var owner: pthread_t?
        var stopping = false
        var stopped: [@Sendable () -> Void] = []
    }

    private enum Item {
        case work(@Sendable () -> Void)
        case job(UnownedJob)
    }

    private struct Timer {
        let id: UInt64
        let due: MonotonicTime
        let body: () -> Void
    }

    /// A loop that does nothing until `start()` gives it a thread, or `runUntilIdle()` borrows the caller's.
    public init(name: String, clock: any LoopClock = SystemClock()) {
        self.name = name
        self.clock = clock
        self.cachedNow = clock.now()
        self.mutex = .allocate(capacity: 1)
        self.mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(self.mutex, nil)
        self.condition = .allocate(capacity: 1)
        self.condition.initialize(to: pthread_cond_t())
        pthread_cond_init(self.condition, nil)
        clock.whenMoved { [weak self] in self?.wake() }
    }

    deinit {
        pthread_cond_destroy(self.condition)
        pthread_mutex_destroy(self.mutex)
        self.condition.deallocate()
        self.mutex.deallocate()
    }

    /// The time at the beginning of this turn.
    public var now: MonotonicTime { self.cachedNow }

    /// Whether the caller runs on this loop.
    public var isCurrent: Bool {
        self.shared.withLock { shared in
            guard let owner = shared.owner else { return false }
            return pthread_equal(owner, pthread_self()) != 0
        }
    }

    /// Runs work on the loop, after everything that was handed to it before. Callable from any thread.
    public func execute(_ work: @escaping @Sendable () -> Void) { self.push(.work(work)) }

    /// Runs work on the loop and gives its result back.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            self.execute { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }

    /// Calls `body` on the loop after `delay`. Call on the loop.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        let id = self.nextTimer
        self.nextTimer += 1
        let timer = Timer(id: id, due: self.cachedNow + delay, body: body)
        let index = self.timers.firstIndex { $0.due > timer.due } ?? self.timers.endIndex
        self.timers.insert(timer, at: index)
        return TimerID(number: id)
    }

    /// Forgets a timer; one that fired already is ignored. Call on the loop.
    public func cancel(_ timer: TimerID) {
        self.timers.removeAll { $0.id == timer.number }
    }

    /// Calls `body` once when everything of this turn has run: the place to flush what the turn queued. Call on the loop.
    public func atEndOfTurn(_ body: @escaping () -> Void) { self.endOfTurn.append(body) }

    /// Gives the loop its own thread.
    public func start() {
        Self.spawn(self)
    }

    /// Ends the loop after the work it already has; what comes later is dropped.
    public func stop() async {
        await withCheckedContinuation { continuation in
            let already = self.shared.withLock { shared in
                shared.stopping = true
                if shared.owner == nil { return true }
                shared.stopped.append { continuation.resume() }
                return false
            }
            if already { continuation.resume() } else { self.wake() }
        }
    }

    /// Runs what is due on the caller's thread until nothing is left to do now, for tests without a thread.
    public func runUntilIdle() {
        self.shared.withLock { $0.owner = pthread_self() }
        while self.turn() {}
        self.shared.withLock { $0.owner = nil }
    }

    public func enqueue(_ job: consuming ExecutorJob) { self.push(.job(UnownedJob(job))) }
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
    public func checkIsolated() { precondition(self.isCurrent, "not on loop \(self.name)") }
    public func isIsolatingCurrentContext() -> Bool? { self.isCurrent }

    private static func spawn(_ loop: EventLoop) {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(loop).toOpaque()
        pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue().loop()
                return nil
            },
            retained
        )
        pthread_detach(thread)
    }

    private func loop() {
        self.shared.withLock { $0.owner = pthread_self() }
        while true {
            if self.turn() { continue }
            if self.shared.withLock({ $0.stopping }) { break }
            self.waitForWork()
        }
        let stopped = self.shared.withLock { shared in
            shared.owner = nil
            return shared.stopped
        }
        for callback in stopped { callback() }
    }

    private func turn() -> Bool {
        self.cachedNow = self.clock.now()
        var worked = false
        while let timer = self.timers.first, timer.due <= self.cachedNow {
            self.timers.removeFirst()
            timer.body()
            worked = true
        }
        let items = self.shared.withLock { shared in
            let items = shared.inbox
            shared.inbox = []
            return items
        }
        for item in items {
            switch item {
            case .work(let work): work()
            case .job(let job):
                job.runSynchronously(
                    isolatedTo: self.asUnownedSerialExecutor(),
                    taskExecutor: self.asUnownedTaskExecutor()
                )
            }
        }
        let flushes = self.endOfTurn
        self.endOfTurn = []
        for flush in flushes { flush() }
        return worked || !items.isEmpty || !flushes.isEmpty
    }

    private func waitForWork() {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        guard self.shared.withLock({ $0.inbox.isEmpty && !$0.stopping }) else { return }
        guard self.clock.passesByItself, let next = self.timers.first else {
            pthread_cond_wait(self.condition, self.mutex)
            return
        }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        let wait = max(0, (next.due - self.clock.now()).wholeNanoseconds)
        let total = Int64(deadline.tv_nsec) + wait % 1_000_000_000
        deadline.tv_sec += Int(wait / 1_000_000_000 + total / 1_000_000_000)
        deadline.tv_nsec = Int(total % 1_000_000_000)
        pthread_cond_timedwait(self.condition, self.mutex, &deadline)
    }

    private func push(_ item: Item) {
        self.shared.withLock { $0.inbox.append(item) }
        self.wake()
    }

    private func wake() {
        pthread_mutex_lock(self.mutex)
        pthread_cond_signal(self.condition)
        pthread_mutex_unlock(self.mutex)
    }
}
