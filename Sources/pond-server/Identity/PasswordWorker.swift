import PondKit

/// Hashes passwords on a thread of its own, one at a time, and refuses more than can wait.
///
/// One at a time bounds what guessing can cost: one processor and the memory of one hash.
final class PasswordWorker: Sendable {
    private let jobs: BlockingQueue<@Sendable () -> Void>

    init(waiting: Int = 64) throws(PondError) {
        let jobs = BlockingQueue<@Sendable () -> Void>(capacity: waiting)
        self.jobs = jobs
        let started = WorkerThread.start(named: "pond-passwords") {
            while let batch = jobs.take(upTo: 1) {
                for job in batch { job() }
            }
        }
        guard started else { throw .internalError("no thread for passwords") }
    }

    deinit { self.jobs.close() }

    func hash(_ password: String) async throws(PondError) -> String {
        try await self.run { Result { () throws(PondError) in try PasswordHash.make(password) } }.get()
    }

    func verify(_ password: String, _ stored: String) async throws(PondError) -> Bool {
        try await self.run { .success(PasswordHash.verify(password, stored)) }.get()
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable () -> Result<Value, PondError>
    ) async -> Result<Value, PondError> {
        await withCheckedContinuation { continuation in
            switch self.jobs.push({ continuation.resume(returning: body()) }) {
            case .taken: break
            case .full, .closed:
                continuation.resume(
                    returning: .failure(.rateLimited("too many passwords are being checked", retryAfter: 2))
                )
            }
        }
    }
}
