import PondChat
import PondKit

extension ChatTables {
    /// Bans or mutes; takes the place of one of the same kind, place and user.
    func impose(_ sanction: Sanction) throws(SQLiteFault) {
        try self.connection.execute(
            """
            INSERT OR REPLACE INTO sanctions (kind, channel, user, name, until, reason, by, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(sanction.kind.rawValue),
            .text(sanction.channel?.path ?? ""),
            .text(sanction.user.key),
            .text(sanction.user.text),
            .integer(orNull: sanction.until?.milliseconds),
            .text(orNull: sanction.reason),
            .text(sanction.by.text),
            .integer(sanction.at.milliseconds)
        )
    }

    /// Ends a ban or mute; `false` when there was none.
    func lift(_ kind: Sanction.Kind, of user: UserName, in channel: ChatChannel?) throws(SQLiteFault) -> Bool {
        try self.connection.execute(
            "DELETE FROM sanctions WHERE kind = ? AND channel = ? AND user = ?",
            .text(kind.rawValue),
            .text(channel?.path ?? ""),
            .text(user.key)
        )
        return self.connection.changes > 0
    }

    /// Every ban and mute that still holds; those that ended are forgotten.
    func sanctions(at now: ChatTime) throws(SQLiteFault) -> [Sanction] {
        var sanctions: [Sanction] = []
        try self.connection.rows(
            """
            SELECT kind, channel, name, until, reason, by, at FROM sanctions WHERE until IS NULL OR until > ?
            ORDER BY at
            """,
            [.integer(now.milliseconds)]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            let path = row.text(1)
            guard let kind = Sanction.Kind(rawValue: row.text(0)), let user = try? UserName(row.text(2)),
                path.isEmpty || ChatChannel(path: path) != nil
            else { return true }
            sanctions.append(
                Sanction(
                    kind: kind,
                    channel: ChatChannel(path: path),
                    user: user,
                    until: row.optionalInteger(3).map(ChatTime.init(milliseconds:)),
                    reason: row.optionalText(4),
                    by: (try? UserName(row.text(5))) ?? .server,
                    at: ChatTime(milliseconds: row.integer(6))
                )
            )
            return true
        }
        return sanctions
    }
}
