import PondRuntime

/// A thread that owns one database connection and works off what is handed to it, so that no loop waits for a disk.
///
/// Writes that wait together are committed together. What is handed over from one thread is done in that order, but
/// reads of a batch come after its writes.
package final class SQLiteThread: Sendable {
    private let jobs: BlockingQueue<SQLiteJob>
    private let health: SQLiteHealth
    private let closing = Lock(Closing())

    private struct Closing {
        var ended = false
        var waiters: [@Sendable () -> Void] = []
    }

    /// Starts the thread and opens the connection on it; returns when it is ready, throws when it cannot be.
    /// How each job ends is noted in `health`.
    package init(
        named name: String,
        health: SQLiteHealth = SQLiteHealth(),
        pendingLimit: Int = 100_000,
        batchLimit: Int = 1_000,
        open: @escaping @Sendable () throws(SQLiteFault) -> SQLiteConnection
    ) throws(SQLiteFault) {
        let jobs = BlockingQueue<SQLiteJob>(capacity: pendingLimit)
        let opened = BlockingQueue<SQLiteFault?>(capacity: 1)
        self.jobs = jobs
        self.health = health
        let closing = self.closing
        let started = WorkerThread.start(named: name) {
            do throws(SQLiteFault) {
                let connection = try open()
                _ = opened.push(nil)
                Self.work(off: jobs, batchLimit: batchLimit, on: connection)
            } catch {
                jobs.close()
                _ = opened.push(error)
            }
            let waiters = closing.withLock { closing in
                closing.ended = true
                defer { closing.waiters = [] }
                return closing.waiters
            }
            for waiter in waiters { waiter() }
        }
        guard started else { throw SQLiteFault(.cannotOpen, message: "no thread for the store") }
        if case .some(.some(let fault)) = opened.take(upTo: 1)?.first { throw fault }
    }

    /// Hands work to the thread; the outcome is told there.
    func submit(_ job: SQLiteJob) {
        let (writes, health) = (job.writes, self.health)
        let job = SQLiteJob(
            writes: writes,
            work: job.work,
            finished: { [finished = job.finished] fault in
                health.note(fault, ofWrite: writes)
                finished(fault)
            }
        )
        switch self.jobs.push(job) {
        case .taken: break
        case .full: job.finished(SQLiteFault(.busy, message: "too much waits for the disk already"))
        case .closed: job.finished(SQLiteFault(.closed, message: "the store is closed"))
        }
    }

    /// Ends the thread after what was handed to it before, and closes the connection.
    package func close() async {
        self.jobs.close()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ended = self.closing.withLock { closing in
                if !closing.ended { closing.waiters.append { continuation.resume() } }
                return closing.ended
            }
            if ended { continuation.resume() }
        }
    }

    private static func work(off jobs: BlockingQueue<SQLiteJob>, batchLimit: Int, on connection: SQLiteConnection) {
        while let batch = jobs.take(upTo: batchLimit) {
            let writes = batch.filter(\.writes)
            if !writes.isEmpty { SQLiteBatch(connection).commit(writes) }
            for job in batch where !job.writes {
                do throws(SQLiteFault) {
                    try job.work(connection)
                    job.finished(nil)
                } catch { job.finished(error) }
            }
        }
    }
}
