/// Commits several writes at once: one wait for the disk, however many they are.
///
/// Each write is all or nothing by itself, and hears of success only when it is on the disk. Where the disk refuses
/// the lot, each is tried alone, for a small one may still fit; after a few refusals the rest is refused too.
struct SQLiteBatch {
    private static let soloRefusals = 3
    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func commit(_ jobs: [SQLiteJob]) {
        switch self.attempt(jobs) {
        case .success(let outcomes):
            for (job, outcome) in zip(jobs, outcomes) { job.finished(outcome) }
        case .failure(let fault):
            if jobs.count == 1 { jobs[0].finished(fault) } else { self.commitAlone(jobs) }
        }
    }

    private func commitAlone(_ jobs: [SQLiteJob]) {
        var refusals = 0
        for (index, job) in jobs.enumerated() {
            switch self.attempt([job]) {
            case .success(let outcomes): job.finished(outcomes[0])
            case .failure(let fault):
                job.finished(fault)
                refusals += 1
                guard refusals == Self.soloRefusals else { continue }
                for other in jobs[(index + 1)...] { other.finished(fault) }
                return
            }
        }
    }

    /// One transaction: the outcome of each job, or the fault that undid all of them.
    private func attempt(_ jobs: [SQLiteJob]) -> Result<[SQLiteFault?], SQLiteFault> {
        var outcomes: [SQLiteFault?] = []
        outcomes.reserveCapacity(jobs.count)
        do throws(SQLiteFault) {
            try self.connection.transaction { () throws(SQLiteFault) in
                for job in jobs { outcomes.append(try self.run(job)) }
            }
            return .success(outcomes)
        } catch {
            return .failure(error)
        }
    }

    /// The fault of this job alone, or throws one that ended the whole transaction.
    private func run(_ job: SQLiteJob) throws(SQLiteFault) -> SQLiteFault? {
        do throws(SQLiteFault) {
            try self.connection.savepoint { () throws(SQLiteFault) in try job.work(self.connection) }
            return nil
        } catch {
            guard self.connection.isInTransaction, !error.isTemporary else { throw error }
            return error
        }
    }
}
