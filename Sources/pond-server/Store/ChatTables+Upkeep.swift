import PondChat
import PondKit

extension ChatTables {
    /// Removes at most `limit` messages that are too old or too many for their channel; returns how many it removed.
    func prune(before oldest: ChatTime?, keeping count: Int?, limit: Int) throws(SQLiteFault) -> Int {
        var removed = 0
        if let oldest {
            removed += try self.deleteMessages(
                "SELECT m.row, c.path FROM messages m JOIN channels c ON c.id = m.channel WHERE at < ? ORDER BY at LIMIT ?",
                .integer(oldest.milliseconds),
                .integer(Int64(limit))
            )
        }
        guard let count else { return removed }
        var channels: [Int64] = []
        try self.connection.rows("SELECT id FROM channels") { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            channels.append(row.integer(0))
            return true
        }
        for channel in channels where removed < limit {
            let first = try self.connection.first(
                "SELECT row FROM messages WHERE channel = ? ORDER BY row DESC LIMIT 1 OFFSET ?",
                .integer(channel),
                .integer(Int64(count))
            ) { $0.integer(0) }
            guard let first else { continue }
            removed += try self.deleteMessages(
                """
                SELECT m.row, c.path FROM messages m JOIN channels c ON c.id = m.channel
                WHERE m.channel = ? AND m.row <= ? LIMIT ?
                """,
                .integer(channel),
                .integer(first),
                .integer(Int64(limit - removed))
            )
        }
        return removed
    }

    /// Deletes the messages that a statement finds by row and channel, and what their broadcasts say; how many.
    @discardableResult
    func deleteMessages(_ sql: String, _ values: SQLiteValue...) throws(SQLiteFault) -> Int {
        var found: [(row: Int64, path: String)] = []
        try self.connection.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            found.append((row: row.integer(0), path: row.text(1)))
            return true
        }
        for (row, path) in found {
            try self.redact(row, in: path, to: nil)
            try self.connection.execute("DELETE FROM messages WHERE row = ?", .integer(row))
        }
        return found.count
    }

    /// What is known of the time: where nothing is noted yet, the time of the newest message.
    func clock(at now: ChatTime) throws(SQLiteFault) -> PlausibleClock {
        let latest = try self.connection.first(
            "SELECT coalesce((SELECT latest FROM clock), (SELECT max(at) FROM messages))"
        ) { $0.isNull(0) ? now : ChatTime(milliseconds: $0.integer(0)) }
        return PlausibleClock(latest: latest ?? now)
    }

    /// Notes the latest time that was believed.
    func saveClock(_ clock: PlausibleClock) throws(SQLiteFault) {
        try self.connection.execute(
            "INSERT OR REPLACE INTO clock (id, latest) VALUES (1, ?)",
            .integer(clock.latest.milliseconds)
        )
    }

    /// Forgets tokens and sanctions whose time is over.
    func forgetEnded(at now: ChatTime) throws(SQLiteFault) {
        try self.connection.execute("DELETE FROM revoked_tokens WHERE until <= ?", .integer(now.milliseconds))
        try self.connection.execute(
            "DELETE FROM sanctions WHERE until IS NOT NULL AND until <= ?",
            .integer(now.milliseconds)
        )
        try self.connection.execute(
            "DELETE FROM address_bans WHERE until IS NOT NULL AND until <= ?",
            .integer(now.milliseconds)
        )
    }

    /// Hands every message to `line` as one line of JSON with its channel, in the order they were stored.
    func export(
        _ channel: ChatChannel? = nil,
        line: (String) throws(SQLiteFault) -> Void
    ) throws(SQLiteFault) {
        let condition = channel == nil ? "" : "WHERE c.path = ?"
        try self.connection.rows(
            """
            SELECT m.id, m.sender, m.at, m.kind, m.text, m.reply, m.mentions, m.edited, m.removed, m.row, m.author, m.reader, c.path
            FROM messages m JOIN channels c ON c.id = m.channel \(condition) ORDER BY m.row
            """,
            channel.map { [.text($0.path)] } ?? []
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            guard let message = Self.message(row), let payload = try? message.payload() else { return true }
            guard let members = payload.json.object else { return true }
            try line(JSON.object(JSONObject([("channel", .string(row.text(12)))]).merging(members)).text)
            return true
        }
    }

    /// Figures for operators.
    func statistics() throws(SQLiteFault) -> (messages: Int, users: Int, bytes: Int) {
        (
            messages: Int(try self.connection.number("SELECT count(*) FROM messages")),
            users: Int(try self.connection.number("SELECT count(*) FROM users")),
            bytes: Int(
                try self.connection.number(
                    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
                )
            )
        )
    }
}
