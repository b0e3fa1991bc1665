/// A piece of work on a database, and who hears how it went.
struct SQLiteJob: Sendable {
    /// Whether it changes anything.
    let writes: Bool
    /// May run twice when a first commit failed, so it must have no effect but on the database.
    let work: @Sendable (SQLiteConnection) throws(SQLiteFault) -> Void
    /// Called on the database's thread when the outcome is certain, with `nil` for success.
    let finished: @Sendable (SQLiteFault?) -> Void
}
