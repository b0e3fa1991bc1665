import PondChat
import PondKit

/// Erasing a user: everything that was said under the name, and the account.
extension ChatTables {
    /// The erased users, of whom another server may still bring messages.
    static let erasedSchema = """
        CREATE TABLE erased (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """

    /// Deletes what a user said up to a moment, in rooms and conversations, with the marks, mentions and the account.
    ///
    /// The name stays known, without anything else, so that tokens signed before stay void; bans and mutes stay, for
    /// nobody escapes one by being erased.
    func erase(_ user: UserName, at time: ChatTime) throws(SQLiteFault) {
        for owner in try self.owners(of: user) {
            try self.connection.execute("DELETE FROM reads WHERE user = ?", .text(owner))
        }
        try self.deleteMessages(
            """
            SELECT m.row, c.path FROM messages m JOIN channels c ON c.id = m.channel
            WHERE m.sender_key = ? AND m.at <= ?
            """,
            .text(user.key),
            .integer(time.milliseconds)
        )
        try self.connection.execute("DELETE FROM mentions WHERE user = ?", .text(user.key))
        try self.connection.execute("DELETE FROM conversations WHERE user = ?", .text(user.key))
        try self.setRole(.user, of: user, at: time)
        try self.setPassword(nil, of: user, at: time)
        try self.connection.execute(
            """
            INSERT INTO erased (key, at) VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET at = max(at, excluded.at)
            """,
            .text(user.key),
            .integer(time.milliseconds)
        )
    }

    /// The ids of everybody who ever had a name, as far as messages and the account tell.
    func owners(of user: UserName) throws(SQLiteFault) -> [String] {
        var owners: [String] = []
        try self.connection.rows(
            """
            SELECT author FROM messages WHERE sender_key = ? AND author IS NOT NULL
            UNION SELECT owner FROM users WHERE key = ? AND owner IS NOT NULL
            """,
            [.text(user.key), .text(user.key)]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            owners.append(row.text(0))
            return true
        }
        return owners
    }

    /// Whether a message is of a user who was erased later.
    func isErased(_ message: ChatMessage) throws(SQLiteFault) -> Bool {
        try self.connection.number(
            "SELECT count(*) FROM erased WHERE key = ? AND at >= ?",
            .text(message.sender.key),
            .integer(message.at.milliseconds)
        ) > 0
    }
}
