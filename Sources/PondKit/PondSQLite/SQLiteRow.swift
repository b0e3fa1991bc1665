internal import CPondSQLite

/// The row a statement stands on; valid inside the closure that gets it.
package struct SQLiteRow: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    /// Whether the column is NULL.
    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(self.handle, column) == SQLITE_NULL }

    /// The column as an integer, 0 when it is none.
    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(self.handle, column) }

    /// The column as an integer, or `nil` when it is NULL.
    package func optionalInteger(_ column: Int32) -> Int64? { self.isNull(column) ? nil : self.integer(column) }

    /// The column as text, empty when it is NULL.
    package func text(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(self.handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(self.handle, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    /// The column as text, or `nil` when it is NULL.
    package func optionalText(_ column: Int32) -> String? { self.isNull(column) ? nil : self.text(column) }

    /// The column as bytes, none when it is NULL.
    package func bytes(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(self.handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(self.handle, column))
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }
}
