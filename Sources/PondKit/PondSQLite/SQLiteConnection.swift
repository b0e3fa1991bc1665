internal import CPondSQLite
import PondCore
import PondRuntime

/// An open database: write-ahead log, every commit on the disk before it returns.
///
/// Not `Sendable`: it belongs to the one thread that opened it.
package final class SQLiteConnection {
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]

    /// Opens a database, or says why it cannot be used.
    package init(_ location: SQLiteLocation, readOnly: Bool = false) throws(SQLiteFault) {
        let path =
            switch location {
            case .file(let path): path
            case .memory: ":memory:"
            }
        var handle: OpaquePointer?
        let access = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let handle else { throw SQLiteFault(.cannotOpen, code: code, message: "out of memory") }
        guard code == SQLITE_OK else {
            let message = String(cString: sqlite3_errmsg(handle))
            sqlite3_close_v2(handle)
            throw SQLiteFault(code: code, message: "\(path): \(message)")
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, 5_000)
        try self.configure(readOnly: readOnly, path: path)
    }

    deinit {
        self.statements.removeAll()
        sqlite3_close_v2(self.handle)
    }

    private func configure(readOnly: Bool, path: String) throws(SQLiteFault) {
        // SQLite opens a file it may not write for reading only, without a word.
        if !readOnly, sqlite3_db_readonly(self.handle, "main") == 1 {
            throw SQLiteFault(.readOnly, code: SQLITE_READONLY, message: "\(path) cannot be written")
        }
        try self.execute("PRAGMA foreign_keys = ON")
        try self.execute("PRAGMA temp_store = MEMORY")
        guard !readOnly else { return }
        try self.execute("PRAGMA journal_mode = WAL")
        try self.execute("PRAGMA synchronous = FULL")
        try self.execute("PRAGMA wal_autocheckpoint = 4000")
        // What is deleted is overwritten, so that no copy of the file holds it.
        try self.execute("PRAGMA secure_delete = ON")
        // What the log may keep on the disk between checkpoints.
        try self.execute("PRAGMA journal_size_limit = 67108864")
    }

    /// Runs a statement for its effect.
    package func execute(_ sql: String, _ values: SQLiteValue...) throws(SQLiteFault) {
        try self.rows(sql, values) { (_: borrowing SQLiteRow) throws(SQLiteFault) in true }
    }

    /// Runs several statements that take no values, one after the other.
    package func executeScript(_ sql: String) throws(SQLiteFault) {
        guard sqlite3_exec(self.handle, sql, nil, nil, nil) == SQLITE_OK else { throw self.fault() }
    }

    /// Runs a statement and hands each row to `row` until that says `false`.
    package func rows(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        _ row: (borrowing SQLiteRow) throws(SQLiteFault) -> Bool
    ) throws(SQLiteFault) {
        try self.statement(sql).run(values, row: row)
    }

    /// The first row that a statement finds.
    package func first<Value>(
        _ sql: String,
        _ values: SQLiteValue...,
        read: (borrowing SQLiteRow) -> Value
    ) throws(SQLiteFault) -> Value? {
        var found: Value?
        try self.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            found = read(row)
            return false
        }
        return found
    }

    /// The number in the first column of the first row, 0 when there is none.
    package func number(_ sql: String, _ values: SQLiteValue...) throws(SQLiteFault) -> Int64 {
        var number: Int64 = 0
        try self.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            number = row.integer(0)
            return false
        }
        return number
    }

    /// The rows that the last statement changed.
    package var changes: Int { Int(sqlite3_changes64(self.handle)) }

    /// The rows that all statements changed so far.
    package var totalChanges: Int { Int(sqlite3_total_changes64(self.handle)) }

    /// Writes the log into the database and empties it, so that it holds no earlier pages; `false` while somebody reads
    /// those. Not inside a transaction.
    package func truncateLog() throws(SQLiteFault) -> Bool {
        // Whoever reads for long must not hold up the writers.
        sqlite3_busy_timeout(self.handle, 20)
        defer { sqlite3_busy_timeout(self.handle, 5_000) }
        return try self.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }

    /// Runs `body`, and ends its statement when the time is over; whether it came to its end by itself.
    package func limited(to time: Duration, _ body: () throws(SQLiteFault) -> Void) throws(SQLiteFault) -> Bool {
        let deadline = SQLiteDeadline(SystemClock().now() + time)
        sqlite3_progress_handler(
            self.handle,
            1_000,
            { deadline in
                guard let deadline else { return 0 }
                return Unmanaged<SQLiteDeadline>.fromOpaque(deadline).takeUnretainedValue().isOver ? 1 : 0
            },
            Unmanaged.passUnretained(deadline).toOpaque()
        )
        defer {
            sqlite3_progress_handler(self.handle, 0, nil, nil)
            withExtendedLifetime(deadline) {}
        }
        do throws(SQLiteFault) {
            try body()
            return true
        } catch {
            guard error.code & 0xFF == SQLITE_INTERRUPT else { throw error }
            return false
        }
    }

    /// The row that was inserted last.
    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(self.handle) }

    /// Whether a transaction is open; some faults end it by themselves.
    package var isInTransaction: Bool { sqlite3_get_autocommit(self.handle) == 0 }

    /// All of `body`, or nothing of it.
    package func transaction<Result>(_ body: () throws(SQLiteFault) -> Result) throws(SQLiteFault) -> Result {
        try self.execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try self.execute("COMMIT")
            return result
        } catch {
            if self.isInTransaction { try? self.execute("ROLLBACK") }
            throw error
        }
    }

    /// All of `body`, or nothing of it, inside an open transaction that goes on in either case.
    package func savepoint<Result>(_ body: () throws(SQLiteFault) -> Result) throws(SQLiteFault) -> Result {
        try self.execute("SAVEPOINT job")
        do {
            let result = try body()
            try self.execute("RELEASE job")
            return result
        } catch {
            if self.isInTransaction {
                try? self.execute("ROLLBACK TO job")
                try? self.execute("RELEASE job")
            }
            throw error
        }
    }

    /// What SQLite finds wrong with the file; empty when all is well.
    package func integrityFaults() throws(SQLiteFault) -> [String] {
        var faults: [String] = []
        try self.rows("PRAGMA integrity_check") { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            faults.append(row.text(0))
            return faults.count < 100
        }
        return faults == ["ok"] ? [] : faults
    }

    /// Writes a consistent copy to a new or empty file, while other connections read and write.
    package func backup(to path: String) throws(SQLiteFault) { try self.execute("VACUUM INTO ?", .text(path)) }

    /// The last fault of this connection.
    func fault() -> SQLiteFault {
        SQLiteFault(
            code: sqlite3_extended_errcode(self.handle),
            message: String(cString: sqlite3_errmsg(self.handle))
        )
    }

    private func statement(_ sql: String) throws(SQLiteFault) -> SQLiteStatement {
        if let statement = self.statements[sql] { return statement }
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(self.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw self.fault() }
        let statement = SQLiteStatement(handle, of: self)
        self.statements[sql] = statement
        return statement
    }
}
