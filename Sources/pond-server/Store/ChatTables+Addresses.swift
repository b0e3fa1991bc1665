import PondChat
import PondKit

extension ChatTables {
    /// Bans addresses; takes the place of a ban of the same ones.
    func impose(_ ban: AddressBan) throws(SQLiteFault) {
        try self.connection.execute(
            "INSERT OR REPLACE INTO address_bans (range, until, reason, at) VALUES (?, ?, ?, ?)",
            .text(ban.range.description),
            .integer(orNull: ban.until?.milliseconds),
            .text(orNull: ban.reason),
            .integer(ban.at.milliseconds)
        )
    }

    /// Ends a ban of addresses; `false` when there was none.
    func lift(_ range: AddressRange) throws(SQLiteFault) -> Bool {
        try self.connection.execute("DELETE FROM address_bans WHERE range = ?", .text(range.description))
        return self.connection.changes > 0
    }

    /// Every ban of addresses that still holds.
    func addressBans(at now: ChatTime) throws(SQLiteFault) -> [AddressBan] {
        var bans: [AddressBan] = []
        try self.connection.rows(
            "SELECT range, until, reason, at FROM address_bans WHERE until IS NULL OR until > ? ORDER BY at",
            [.integer(now.milliseconds)]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            guard let range = AddressRange(row.text(0)) else { return true }
            bans.append(
                AddressBan(
                    range: range,
                    until: row.optionalInteger(1).map(ChatTime.init(milliseconds:)),
                    reason: row.optionalText(2),
                    at: ChatTime(milliseconds: row.integer(3))
                )
            )
            return true
        }
        return bans
    }
}
