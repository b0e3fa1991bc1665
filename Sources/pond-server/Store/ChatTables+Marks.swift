import PondChat
import PondKit

extension ChatTables {
    /// More than this nobody counts.
    private static let unreadLimit = 1_000

    /// How far a user has read a channel, and what waits after that. The mark is the owner's; `nil` sees everything.
    func readState(
        of user: UserName,
        as owner: NameOwner? = nil,
        in channel: ChatChannel
    ) throws(SQLiteFault) -> ReadState {
        guard let number = try self.number(of: channel) else { return ReadState(upTo: nil, unread: 0, mentions: 0) }
        let visible = VisibleMessages(to: user, as: owner, in: channel)
        let mark =
            try self.connection.first(
                "SELECT message FROM reads WHERE user = ? AND channel = ?",
                .text(owner?.id ?? user.key),
                .integer(number)
            ) { $0.integer(0) } ?? 0
        // The marked message may be gone; the newest one before it says the same.
        var id: String?
        try self.connection.rows(
            "SELECT id FROM messages WHERE channel = ? AND row <= ?\(visible.condition) ORDER BY row DESC LIMIT 1",
            [.integer(number), .integer(mark)] + visible.values
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            id = row.text(0)
            return false
        }
        var (unread, mentions) = (0, 0)
        try self.connection.rows(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM messages
                WHERE channel = ? AND row > ? AND sender_key <> ? AND removed IS NULL\(visible.condition) LIMIT ?
            )
            """,
            [.integer(number), .integer(mark), .text(user.key)] + visible.values
                + [.integer(Int64(Self.unreadLimit))]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            unread = Int(row.integer(0))
            return false
        }
        // Who was meant before the name had this owner was somebody else.
        try self.connection.rows(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM mentions JOIN messages ON messages.row = mentions.message
                WHERE mentions.user = ? AND mentions.channel = ? AND mentions.message > ?
                    AND messages.at >= ?\(visible.condition) LIMIT ?
            )
            """,
            [.text(user.key), .integer(number), .integer(mark), .integer(owner?.since.milliseconds ?? .min)]
                + visible.values + [.integer(Int64(Self.unreadLimit))]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            mentions = Int(row.integer(0))
            return false
        }
        return ReadState(upTo: id.flatMap { try? MessageID($0) }, unread: unread, mentions: mentions)
    }

    /// Moves a user's mark forward, never back; `nil` when there is no such message.
    func markRead(
        _ id: MessageID,
        by user: UserName,
        as owner: NameOwner? = nil,
        in channel: ChatChannel
    ) throws(SQLiteFault) -> ReadState? {
        let visible = VisibleMessages(to: user, as: owner, in: channel)
        guard let (number, row) = try self.place(of: id, in: channel, visible) else { return nil }
        try self.connection.execute(
            """
            INSERT INTO reads (user, channel, message) VALUES (?, ?, ?)
            ON CONFLICT (user, channel) DO UPDATE SET message = max(message, excluded.message)
            """,
            .text(owner?.id ?? user.key),
            .integer(number),
            .integer(row)
        )
        return try self.readState(of: user, as: owner, in: channel)
    }

    /// The conversations of a user that hold something unread, the newest first.
    func unreadConversations(
        of user: UserName,
        as owner: NameOwner? = nil,
        limit: Int = 100
    ) throws(SQLiteFault) -> [DirectNotice] {
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
            let state = try self.readState(of: user, as: owner, in: channel)
            guard state.unread > 0 else { continue }
            let visible = VisibleMessages(to: user, as: owner, in: channel)
            let last = try self.page(of: channel, at: .latest, count: 1, visible: visible)?.messages.last
            notices.append(DirectNotice(with: pair.partner(of: user), unread: state.unread, last: last))
        }
        return notices
    }
}
