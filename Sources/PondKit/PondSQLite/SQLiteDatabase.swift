/// A database for programs whose threads must not wait: one thread writes, one reads, one searches, results come back to the caller.
///
/// A database in memory has one connection, so its reads go the way of the writes.
package final class SQLiteDatabase: Sendable {
    /// Whether the database can be used, as far as reads and writes showed.
    package let health = SQLiteHealth()
    private let location: SQLiteLocation
    private let writer: SQLiteThread
    private let reader: SQLiteThread
    private let searcher: SQLiteThread

    /// Changes the database. A result comes when the change is on the disk, or cannot be; what is handed over may run
    /// twice when a first commit failed, so it must have no effect but on the database.
    package var write: SQLiteAccess { SQLiteAccess(thread: self.writer, writes: true) }

    /// Work of the writing connection that is no transaction: `body` begins its own, or needs none.
    package var maintain: SQLiteAccess { SQLiteAccess(thread: self.writer, writes: false) }

    /// Reads what is committed.
    package var read: SQLiteAccess { SQLiteAccess(thread: self.reader, writes: false) }

    /// Reads what may take long, at most `searchLimit` at a time: nothing but other such reads waits for it.
    package var search: SQLiteAccess { SQLiteAccess(thread: self.searcher, writes: false) }

    /// Opens the database and brings it up to date.
    package init(
        _ location: SQLiteLocation,
        migrations: SQLiteMigrations,
        pendingLimit: Int = 100_000,
        searchLimit: Int = 16
    ) throws(SQLiteFault) {
        self.location = location
        let health = self.health
        self.writer = try SQLiteThread(named: "pond-store", health: health, pendingLimit: pendingLimit) {
            () throws(SQLiteFault) in
            let connection = try SQLiteConnection(location)
            try migrations.apply(to: connection)
            return connection
        }
        switch location {
        case .memory: (self.reader, self.searcher) = (self.writer, self.writer)
        case .file:
            self.reader = try SQLiteThread(named: "pond-store-read", health: health, pendingLimit: pendingLimit) {
                () throws(SQLiteFault) in try SQLiteConnection(location, readOnly: true)
            }
            self.searcher = try SQLiteThread(named: "pond-store-find", pendingLimit: searchLimit, batchLimit: 1) {
                () throws(SQLiteFault) in try SQLiteConnection(location, readOnly: true)
            }
        }
    }

    /// Reads at length: on a thread and a connection of its own, so that nothing waits meanwhile.
    package func readAtLength<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Value
    ) async throws(SQLiteFault) -> Value {
        guard case .file = self.location else { return try await self.read(body) }
        let location = self.location
        let thread = try SQLiteThread(named: "pond-store-long", health: self.health) { () throws(SQLiteFault) in
            try SQLiteConnection(location, readOnly: true)
        }
        let result = await withCheckedContinuation { continuation in
            SQLiteAccess(thread: thread, writes: false)(body) { continuation.resume(returning: $0) }
        }
        await thread.close()
        return try result.get()
    }

    /// Ends the threads after what was handed to them before.
    package func close() async {
        await self.searcher.close()
        await self.reader.close()
        await self.writer.close()
    }
}
