internal import CPondSQLite

/// A prepared statement; belongs to its connection's thread.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private unowned let connection: SQLiteConnection

    init(_ handle: OpaquePointer, of connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(self.handle) }

    /// Runs the statement and hands each row to `row` until that says `false`.
    func run(
        _ values: [SQLiteValue],
        row: (borrowing SQLiteRow) throws(SQLiteFault) -> Bool
    ) throws(SQLiteFault) {
        defer {
            sqlite3_reset(self.handle)
            sqlite3_clear_bindings(self.handle)
        }
        for (index, value) in values.enumerated() { try self.bind(value, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(self.handle) {
            case SQLITE_ROW:
                guard try row(SQLiteRow(self.handle)) else { return }
            case SQLITE_DONE: return
            default: throw self.connection.fault()
            }
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteFault) {
        let code: Int32
        switch value {
        case .null: code = sqlite3_bind_null(self.handle, index)
        case .integer(let value): code = sqlite3_bind_int64(self.handle, index, value)
        case .real(let value): code = sqlite3_bind_double(self.handle, index, value)
        case .text(var value):
            code = value.withUTF8 { bytes in
                // An empty buffer may have no address, which SQLite would take for NULL.
                guard let base = bytes.baseAddress else { return sqlite3_bind_text(self.handle, index, "", 0, nil) }
                return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { text in
                    sqlite3_bind_text64(
                        self.handle,
                        index,
                        text,
                        UInt64(bytes.count),
                        POND_SQLITE_TRANSIENT,
                        UInt8(SQLITE_UTF8)
                    )
                }
            }
        case .blob(let value):
            code = value.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return sqlite3_bind_zeroblob(self.handle, index, 0) }
                return sqlite3_bind_blob64(self.handle, index, base, UInt64(bytes.count), POND_SQLITE_TRANSIENT)
            }
        }
        guard code == SQLITE_OK else { throw self.connection.fault() }
    }
}
