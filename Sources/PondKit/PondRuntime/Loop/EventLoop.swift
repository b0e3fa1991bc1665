internal import CPondSys
internal import Glibc
public import PondCore
internal import Synchronization

/// One thread that runs everything of the connections and channels that belong to it, in order.
///
/// It is a serial executor for actors bound to it and a task executor for tasks that must not leave it:
/// make framework tasks with `Task(executorPreference: loop)`, for a plain task resumes on the global pool.
///
/// A turn: wait for descriptors, deliver their events, fire timers, run what was handed over, run the end of the
/// turn, write what the turn queued.
///
/// `@unchecked Sendable`: `inbox` is guarded by its lock and `owner` is atomic; every other variable is touched by the
/// thread that runs the loop only.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// The name of the loop's thread.
    public let name: String
    let clock: any LoopClock
    private let sending: SendingMethod
    let inbox = Lock(LoopInbox())
    /// The thread that runs turns now, or 0.
    let owner = Atomic<UInt>(0)
    /// Set once, before the loop has a thread or the first descriptor.
    private let waker = Lock<Poller?>(nil)

    private var timers = TimerHeap()
    private var endOfTurn: ContiguousArray<() -> Void> = []
    private var batch: ContiguousArray<LoopInbox.Item> = []
    private var turnStart: MonotonicTime
    /// Tells this turn from every other one. Call on the loop.
    package private(set) var turnNumber: UInt64 = 0
    private var poller: Poller?
    private var hasThread = false
    private var jobWatch: (limit: Duration, report: (Duration) -> Void)?
    /// Writes what was queued in this turn, once the loop has sockets.
    package private(set) var writer: (any TurnWriter)?
    /// Every channel reads into this buffer; what it holds is valid until the receiver returns.
    package let receiveBuffer = LoopBuffer(count: 128 * 1024)
    /// Where TLS channels put what they decrypted.
    package let plainBuffer = LoopBuffer(count: 64 * 1024)

    /// How often a turn looks for more work before it writes what was queued.
    private static let roundsPerTurn = 64

    /// A loop that does nothing until `start()` gives it a thread, or `runUntilIdle()` borrows the caller's.
    ///
    /// Only a loop with a thread of its own sends in batches.
    public init(name: String, clock: any LoopClock = SystemClock(), sending: SendingMethod = .plain) {
        self.name = name
        self.sending = sending
        self.clock = clock
        self.turnStart = clock.now()
        RandomBlocks.use { System.fillRandom($0) }
        clock.whenMoved { [weak self] in self?.clockMoved() }
    }

    /// The time by the clock, which passes during a turn too.
    package var exactNow: MonotonicTime { self.clock.now() }

    /// The time at the beginning of this turn.
    public var now: MonotonicTime { self.isCurrent ? self.turnStart : self.clock.now() }

    /// Whether the caller runs on this loop.
    public var isCurrent: Bool { self.owner.load(ordering: .relaxed) == pthread_self() }

    /// Traps when the caller is not on the loop while a thread runs it: what belongs to a loop has no locks.
    package func checkCurrent(_ call: @autoclosure () -> String) {
        precondition(
            self.isSafeHere,
            """
            \(call()) was called off its event loop "\(self.name)"; call it on the loop: \
            loop.execute { … }, or try await loop.run { … }
            """
        )
    }

    /// Whether the caller may touch what belongs to the loop: on the loop, or while no thread runs it.
    package var isSafeHere: Bool { self.isCurrent || self.isAtRest }

    /// Whether no thread runs the loop: before it was started, between the turns that a test drives, after its end.
    private var isAtRest: Bool {
        guard self.owner.load(ordering: .relaxed) == 0 else { return false }
        return self.inbox.withLock { $0.phase == .new || $0.phase == .ended }
    }

    /// Runs work on the loop, after everything that was handed to it before. Callable from any thread.
    ///
    /// A loop that has stopped drops it.
    public func execute(_ work: @escaping @Sendable () -> Void) { _ = self.push(.work(work)) }

    /// Like `execute`; false if the loop has stopped, so that no caller waits for dropped work.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool { self.push(.work(work)) }

    /// Runs work on the loop and gives its result back; throws when the loop has stopped.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let taken = self.push(.work { continuation.resume(with: Swift.Result(catching: work)) })
            if !taken { continuation.resume(throwing: PondError.unavailable("The event loop has stopped")) }
        }
    }

    /// Calls `body` on the loop after `delay`. Call on the loop; traps elsewhere.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        self.checkCurrent("EventLoop.schedule(after:)")
        return self.timers.add(due: self.now + delay, body)
    }

    /// Gives an armed timer a new delay from now and keeps its body; false when it fired or was cancelled.
    ///
    /// Call on the loop; traps elsewhere.
    public func reschedule(_ timer: TimerID, after delay: Duration) -> Bool {
        self.checkCurrent("EventLoop.reschedule(_:after:)")
        return self.timers.move(timer, due: self.now + delay)
    }

    /// Forgets a timer; one that fired already is ignored. Call on the loop; traps elsewhere.
    public func cancel(_ timer: TimerID) {
        self.checkCurrent("EventLoop.cancel(_:)")
        self.timers.remove(timer)
    }

    /// Calls `body` once when everything of this turn has run: the place to flush what the turn queued.
    ///
    /// Call on the loop; traps elsewhere.
    public func atEndOfTurn(_ body: @escaping () -> Void) {
        self.checkCurrent("EventLoop.atEndOfTurn(_:)")
        self.endOfTurn.append(body)
    }

    /// Gives the loop its own thread.
    public func start() {
        let starts = self.inbox.withLock { inbox in
            guard inbox.phase == .new else { return false }
            inbox.phase = .running
            return true
        }
        if starts { self.startThread() }
    }

    /// Ends the loop after the work it already has; what comes later is dropped, and its connections are cut.
    public func stop() async {
        let isOwnTask = self.isCurrent
        await withCheckedContinuation { continuation in
            let (already, wakes) = self.inbox.withLock { inbox in
                switch inbox.phase {
                case .new, .ended:
                    inbox.phase = .ended
                    return (true, false)
                case .running, .stopping:
                    inbox.phase = .stopping
                    if isOwnTask {
                        inbox.whenStopped.append { continuation.resume() }
                    } else {
                        inbox.whenEnded.append { continuation.resume() }
                    }
                    return (false, inbox.takeWake())
                }
            }
            if already { continuation.resume() }
            if wakes { self.wake() }
        }
    }

    /// Runs what is due on the caller's thread until nothing is left to do now, for tests without a thread.
    ///
    /// Traps when another thread runs the loop.
    public func runUntilIdle() {
        guard !self.isCurrent else { return }
        self.checkCurrent("EventLoop.runUntilIdle()")
        let before = self.owner.exchange(pthread_self(), ordering: .relaxed)
        while self.turn(mayWait: false) {}
        self.owner.store(before, ordering: .relaxed)
    }

    public func enqueue(_ job: consuming ExecutorJob) { _ = self.push(.job(UnownedJob(job))) }
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
    public func checkIsolated() { precondition(self.isCurrent, "not on loop \(self.name)") }
    public func isIsolatingCurrentContext() -> Bool? { self.isCurrent }

    // MARK: Descriptors, for the runtime's own types on the loop

    package func watch(_ descriptor: Int32, for events: PollEvents, _ target: any Pollable) throws(SystemError) {
        try self.readyPoller().add(descriptor, for: events, target)
    }

    package func change(_ descriptor: Int32, to events: PollEvents) { self.poller?.change(descriptor, to: events) }

    /// Stops watching a descriptor; `closing` if the caller closes it at once and no one else holds it.
    package func unwatch(_ descriptor: Int32, closing: Bool = false) {
        self.poller?.remove(descriptor, closing: closing)
    }

    private func readyPoller() throws(SystemError) -> Poller {
        if let poller = self.poller { return poller }
        let poller = try Poller()
        self.poller = poller
        self.waker.withLock { $0 = poller }
        return poller
    }

    /// Gives the loop what writes at the end of each turn. Call on the loop, once.
    package func install(_ writer: any TurnWriter) {
        precondition(self.writer == nil, "loop \(self.name) has a writer already")
        self.writer = writer
    }

    /// Calls `report` after each piece of a task that kept the loop for longer than `limit`. Call on the loop.
    package func watchJobs(longerThan limit: Duration, _ report: @escaping (Duration) -> Void) {
        self.jobWatch = (limit, report)
    }

    /// Whether the loop's time passes by itself: false under a clock that a test moves.
    package var runsOnSystemTime: Bool { self.clock.passesByItself }

    /// Whether the loop may send in batches: it was asked to, and has a thread of its own.
    package var maySendInBatches: Bool { self.sending == .batched && self.hasThread }

    // MARK: The thread

    private func startThread() {
        do {
            _ = try self.readyPoller()
        } catch {
            preconditionFailure("no epoll for loop \(self.name): \(error)")
        }
        let created = System.startThread(named: self.name) { self.runThread() }
        precondition(created, "no thread for loop \(self.name)")
    }

    private func runThread() {
        self.owner.store(pthread_self(), ordering: .relaxed)
        self.hasThread = true
        while true {
            if self.turn(mayWait: true) { continue }
            if self.inbox.withLock({ $0.phase == .stopping && $0.items.isEmpty }) { break }
        }
        self.poller?.stopAll()
        while self.turn(mayWait: false) {}
        // A task of this loop that waits for the end must go on before nothing is taken any more.
        repeat {
            let waiting = self.inbox.withLock { inbox in
                defer { inbox.whenStopped = [] }
                return inbox.whenStopped
            }
            for callback in waiting { callback() }
            _ = self.turn(mayWait: false)
        } while !self.endIfEmpty()
        self.writer?.threadEnds()
        self.owner.store(0, ordering: .relaxed)
        for callback in self.inbox.withLock({ $0.whenEnded }) { callback() }
    }

    private func endIfEmpty() -> Bool {
        self.inbox.withLock { inbox in
            guard inbox.items.isEmpty, inbox.whenStopped.isEmpty else { return false }
            inbox.phase = .ended
            return true
        }
    }

    // MARK: A turn

    private func turn(mayWait: Bool) -> Bool {
        let events = self.poller.map { $0.wait(milliseconds: mayWait ? self.timeUntilWork() : 0) } ?? 0
        var worked = self.takeBatch(beginsTurn: true)
        self.turnStart = self.clock.now()
        self.turnNumber &+= 1
        if events > 0, let poller = self.poller, poller.deliver(events) { worked = true }
        if self.fireTimers() { worked = true }
        var rounds = 0
        while !self.batch.isEmpty || (rounds < Self.roundsPerTurn && self.takeBatch()) {
            self.runBatch()
            rounds += 1
            worked = true
        }
        if self.finishTurn() { worked = true }
        return worked
    }

    /// Milliseconds until the next timer, 0 when there is something to do already; from then on a push wakes the loop.
    private func timeUntilWork() -> Int32 {
        guard self.endOfTurn.isEmpty, !self.writerHasWork else { return 0 }
        let waits = self.inbox.withLock { inbox in
            inbox.asleep = !inbox.hasNews
            return inbox.asleep
        }
        guard waits else { return 0 }
        guard self.clock.passesByItself, let next = self.timers.earliest else { return -1 }
        let nanoseconds = max(0, (next - self.clock.now()).wholeNanoseconds)
        return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    /// Swaps the inbox for the empty batch; true when there was something in it.
    private func takeBatch(beginsTurn: Bool = false) -> Bool {
        guard self.batch.isEmpty else { return true }
        self.inbox.withLock { inbox in
            inbox.asleep = false
            // The clock is read right after this; a later move is for the next turn.
            if beginsTurn { inbox.clockMoved = false }
            swap(&inbox.items, &self.batch)
        }
        return !self.batch.isEmpty
    }

    private func runBatch() {
        let serial = self.asUnownedSerialExecutor()
        let task = self.asUnownedTaskExecutor()
        for index in self.batch.indices {
            switch self.batch[index] {
            case .work(let work): work()
            case .job(let job):
                guard let watch = self.jobWatch else {
                    job.runSynchronously(isolatedTo: serial, taskExecutor: task)
                    continue
                }
                let begin = self.clock.now()
                job.runSynchronously(isolatedTo: serial, taskExecutor: task)
                let taken = self.clock.now() - begin
                if taken > watch.limit { watch.report(taken) }
            }
        }
        // A burst must not keep its memory.
        self.batch.removeAll(keepingCapacity: self.batch.capacity <= 4096)
    }

    private func fireTimers() -> Bool {
        var fired = false
        let horizon = self.timers.horizon
        while let body = self.timers.takeDue(at: self.turnStart, before: horizon) {
            body()
            fired = true
        }
        return fired
    }

    private func finishTurn() -> Bool {
        var worked = false
        var bodies: ContiguousArray<() -> Void> = []
        // What ends or drains in a flush may write to others: those are written in this turn too, up to a bound.
        for _ in 0..<8 {
            guard !self.endOfTurn.isEmpty || self.writerHasWork else { break }
            worked = true
            swap(&bodies, &self.endOfTurn)
            for body in bodies { body() }
            bodies.removeAll(keepingCapacity: true)
            self.writer?.flush()
        }
        if self.endOfTurn.isEmpty { swap(&bodies, &self.endOfTurn) }
        return worked
    }

    private var writerHasWork: Bool { self.writer?.hasWork == true }

    // MARK: From other threads

    private func push(_ item: LoopInbox.Item) -> Bool {
        let (taken, wakes) = self.inbox.withLock { inbox in
            guard inbox.phase != .ended else { return (false, false) }
            inbox.items.append(item)
            return (true, inbox.takeWake())
        }
        if wakes { self.wake() }
        return taken
    }

    private func clockMoved() {
        let wakes = self.inbox.withLock { inbox in
            inbox.clockMoved = true
            return inbox.takeWake()
        }
        if wakes { self.wake() }
    }

    private func wake() { self.waker.withLock { $0 }?.wake() }
}
