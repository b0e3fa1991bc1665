import PondChat
import PondKit

extension ChatTables {
    /// More than this nobody counts.
    private static let unreadLimit = 1_000

    /// How far a user has read a channel, and what waits after that.
    func readState(of user: UserName, in channel: ChatChannel) throws(SQLiteFault) -> ReadState {
        guard let number = try self.number(of: channel) else { return ReadState(upTo: nil, unread: 0, mentions: 0) }
        let mark =
            try self.connection.first(
                "SELECT message FROM reads WHERE user = ? AND channel = ?",
                .text(user.key),
                .integer(number)
            ) { $0.integer(0) } ?? 0
        // The marked message may be gone; the newest one before it says the same.
        let id = try self.connection.first(
            "SELECT id FROM messages WHERE channel = ? AND row <= ? ORDER BY row DESC LIMIT 1",
            .integer(number),
            .integer(mark)
        ) { $0.text(0) }
        let unread = try self.connection.number(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM messages WHERE channel = ? AND row > ? AND sender_key <> ? AND removed IS NULL LIMIT ?
            )
            """,
            .integer(number),
            .integer(mark),
            .text(user.key),
            .integer(Int64(Self.unreadLimit))
        )
        let mentions = try self.connection.number(
            """
            SELECT count(*) FROM (SELECT 1 FROM mentions WHERE user = ? AND channel = ? AND message > ? LIMIT ?)
            """,
            .text(user.key),
            .integer(number),
            .integer(mark),
            .integer(Int64(Self.unreadLimit))
        )
        return ReadState(upTo: id.flatMap { try? MessageID($0) }, unread: Int(unread), mentions: Int(mentions))
    }

    /// Moves a user's mark forward, never back; `nil` when there is no such message.
    func markRead(_ id: MessageID, by user: UserName, in channel: ChatChannel) throws(SQLiteFault) -> ReadState? {
        guard let (number, row) = try self.place(of: id, in: channel) else { return nil }
        try self.connection.execute(
            """
            INSERT INTO reads (user, channel, message) VALUES (?, ?, ?)
            ON CONFLICT (user, channel) DO UPDATE SET message = max(message, excluded.message)
            """,
            .text(user.key),
            .integer(number),
            .integer(row)
        )
        return try self.readState(of: user, in: channel)
    }

    /// The conversations of a user that hold something unread, the newest first.
    func unreadConversations(of user: UserName, limit: Int = 100) throws(SQLiteFault) -> [DirectNotice] {
        var paths: [String] = []
        try self.connection.rows(
            """
            SELECT c.path FROM conversations v JOIN channels c ON c.id = v.channel WHERE v.user = ?
            ORDER BY (SELECT max(row) FROM messages m WHERE m.channel = c.id) DESC LIMIT ?
            """,
            [.text(user.key), .integer(Int64(limit))]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            paths.append(row.text(0))
            return true
        }
        var notices: [DirectNotice] = []
        for path in paths {
            guard let channel = ChatChannel(path: path), case .direct(let pair) = channel else { continue }
            let state = try self.readState(of: user, in: channel)
            guard state.unread > 0 else { continue }
            let last = try self.page(of: channel, at: .latest, count: 1)?.messages.last
            notices.append(DirectNotice(with: pair.partner(of: user), unread: state.unread, last: last))
        }
        return notices
    }
}
