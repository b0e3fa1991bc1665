package import PondRuntime

/// One way into a database: work that is handed over here runs on the database's thread, in order.
package struct SQLiteAccess: Sendable {
    let thread: SQLiteThread
    let writes: Bool

    /// Runs `body`; `finished` is called on the database's thread.
    package func callAsFunction<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        let outcome = Lock<Value?>(nil)
        self.thread.submit(
            SQLiteJob(
                writes: self.writes,
                work: { connection throws(SQLiteFault) in
                    let value = try body(connection)
                    outcome.withLock { $0 = value }
                },
                finished: { fault in
                    if let fault {
                        finished(.failure(fault))
                    } else if let value = outcome.withLock({ $0 }) {
                        finished(.success(value))
                    }
                }
            )
        )
    }

    /// Runs `body`; `finished` is called on `loop`.
    package func callAsFunction<Value: Sendable>(
        on loop: EventLoop,
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        self(body) { result in loop.execute { finished(result) } }
    }

    /// Runs `body`, and gives what it returns.
    package func callAsFunction<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value
    ) async throws(SQLiteFault) -> Value {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, SQLiteFault>, Never>) in
            self(body) { continuation.resume(returning: $0) }
        }.get()
    }
}
