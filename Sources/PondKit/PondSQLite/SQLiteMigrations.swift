/// The steps that bring a database of any earlier version to the present one.
package struct SQLiteMigrations: Sendable {
    /// The number in the file that says whose it is.
    package var applicationID: Int32
    /// The scripts, the oldest first; their count is the version.
    package var steps: [String]

    package init(applicationID: Int32, steps: [String]) {
        self.applicationID = applicationID
        self.steps = steps
    }

    /// Brings the database up to date, all or nothing; refuses files of another program or a newer version.
    package func apply(to connection: SQLiteConnection) throws(SQLiteFault) {
        let owner = try connection.number("PRAGMA application_id")
        let version = Int(try connection.number("PRAGMA user_version"))
        let isEmpty = try connection.number("SELECT count(*) FROM sqlite_schema") == 0
        guard owner == self.applicationID || (owner == 0 && version == 0 && isEmpty) else {
            throw SQLiteFault(.corrupt, message: "the file is a database of another program")
        }
        guard version <= self.steps.count else {
            throw SQLiteFault(
                .corrupt,
                message: "the file is of version \(version), this program knows up to \(self.steps.count)"
            )
        }
        guard version < self.steps.count else { return }
        try connection.transaction { () throws(SQLiteFault) in
            for step in self.steps[version...] { try connection.executeScript(step) }
            try connection.execute("PRAGMA application_id = \(self.applicationID)")
            try connection.execute("PRAGMA user_version = \(self.steps.count)")
        }
    }
}
