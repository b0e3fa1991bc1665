/// A database for programs whose threads must not wait: one thread writes, one reads, results come back to the caller.
///
/// A database in memory has one connection, so its reads go the way of the writes.
package final class SQLiteDatabase: Sendable {
    private let location: SQLiteLocation
    private let writer: SQLiteThread
    private let reader: SQLiteThread

    /// Opens the database and brings it up to date.
    package init(
        _ location: SQLiteLocation,
        migrations: SQLiteMigrations,
        pendingLimit: Int = 100_000
    ) throws(SQLiteFault) {
        self.location = location
        self.writer = try SQLiteThread(named: "pond-store", pendingLimit: pendingLimit) { () throws(SQLiteFault) in
            let connection = try SQLiteConnection(location)
            try migrations.apply(to: connection)
            return connection
        }
        switch location {
        case .memory: self.reader = self.writer
        case .file:
            self.reader = try SQLiteThread(named: "pond-store-read", pendingLimit: pendingLimit) {
                () throws(SQLiteFault) in try SQLiteConnection(location, readOnly: true)
            }
        }
    }

    /// Changes the database; `finished` is called on the store's thread when the change is on the disk, or cannot be.
    ///
    /// `body` may run twice when a first commit failed, so it must have no effect but on the database.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        Self.submit(to: self.writer, writes: true, body, finished: finished)
    }

    /// Changes the database; `finished` is called on `loop`.
    package func write<Value: Sendable>(
        on loop: EventLoop,
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        self.write(body) { result in loop.execute { finished(result) } }
    }

    /// Changes the database; returns when the change is on the disk.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value
    ) async throws(SQLiteFault) -> Value {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, SQLiteFault>, Never>) in
            self.write(body) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Reads what is committed; `finished` is called on the store's thread.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        Self.submit(to: self.reader, writes: false, body, finished: finished)
    }

    /// Reads what is committed; `finished` is called on `loop`.
    package func read<Value: Sendable>(
        on loop: EventLoop,
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        self.read(body) { result in loop.execute { finished(result) } }
    }

    /// Reads what is committed.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value
    ) async throws(SQLiteFault) -> Value {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, SQLiteFault>, Never>) in
            self.read(body) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Reads at length: on a thread and a connection of its own, so that nothing waits meanwhile.
    package func readAtLength<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value
    ) async throws(SQLiteFault) -> Value {
        guard case .file = self.location else { return try await self.read(body) }
        let location = self.location
        let thread = try SQLiteThread(named: "pond-store-long") { () throws(SQLiteFault) in
            try SQLiteConnection(location, readOnly: true)
        }
        let result = await withCheckedContinuation { continuation in
            Self.submit(to: thread, writes: false, body) { continuation.resume(returning: $0) }
        }
        await thread.close()
        return try result.get()
    }

    /// Ends both threads after what was handed to them before.
    package func close() async {
        await self.reader.close()
        await self.writer.close()
    }

    private static func submit<Value: Sendable>(
        to thread: SQLiteThread,
        writes: Bool,
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value,
        finished: @escaping @Sendable (Result<Value, SQLiteFault>) -> Void
    ) {
        let outcome = Lock<Value?>(nil)
        thread.submit(
            SQLiteJob(
                writes: writes,
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
}
