/// Where a database lives.
package enum SQLiteLocation: Sendable, Hashable {
    /// In a file, made when it is not there.
    case file(String)
    /// In memory, gone with the process.
    case memory
}
