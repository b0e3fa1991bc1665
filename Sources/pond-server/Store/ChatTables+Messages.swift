import PondChat
import PondKit

extension ChatTables {
    /// What became of a message that was handed to the store.
    enum Outcome: Sendable, Hashable {
        case stored
        /// The same message is there already: its author sent it twice. This is the one that counts.
        case repeated(ChatMessage)
        /// Another message of the channel has the id.
        case idTaken
    }

    /// Stores a message once, however often it is sent; `offset` is the number of its broadcast.
    func append(
        _ message: ChatMessage,
        to channel: ChatChannel,
        at offset: UInt64? = nil
    ) throws(SQLiteFault) -> Outcome {
        let number = try self.makeNumber(of: channel, at: message.at)
        if let known = try self.message(message.id, in: channel) {
            let isSame = known.sender == message.sender && known.author == message.author
            return isSame ? .repeated(known) : .idTaken
        }
        try self.connection.execute(
            """
            INSERT INTO messages (channel, id, sender, sender_key, at, kind, text, reply, mentions, author, reader, offset)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(number),
            .text(message.id.text),
            .text(message.sender.text),
            .text(message.sender.key),
            .integer(message.at.milliseconds),
            .text(message.kind.rawValue),
            .text(message.text),
            .text(orNull: message.replyTo?.text),
            .text(orNull: Self.joined(message.mentions)),
            .text(orNull: message.author),
            .text(orNull: message.reader),
            .integer(orNull: offset.map { Int64(bitPattern: $0) })
        )
        let row = self.connection.lastInsertedRow
        try self.setMentions(message.mentions ?? [], ofMessage: row, in: number)
        if case .direct(let pair) = channel {
            for user in [pair.first, pair.second] {
                try self.connection.execute(
                    "INSERT OR IGNORE INTO conversations (user, channel) VALUES (?, ?)",
                    .text(user.key),
                    .integer(number)
                )
            }
        }
        return .stored
    }

    /// The message of an id.
    func message(_ id: MessageID, in channel: ChatChannel) throws(SQLiteFault) -> ChatMessage? {
        try self.messages(
            "\(Self.selection) WHERE channel = (SELECT id FROM channels WHERE path = ?) AND id = ?",
            [.text(channel.path), .text(id.text)]
        ).first
    }

    /// When the last message of a channel was said.
    func lastTime(in channel: ChatChannel) throws(SQLiteFault) -> ChatTime? {
        try self.connection.first(
            "SELECT at FROM messages WHERE channel = (SELECT id FROM channels WHERE path = ?) ORDER BY row DESC LIMIT 1",
            .text(channel.path)
        ) { ChatTime(milliseconds: $0.integer(0)) }
    }

    /// Changes a message's text; `false` when there is no such message, or it was removed.
    func edit(
        _ id: MessageID,
        in channel: ChatChannel,
        text: String,
        mentions: [UserName],
        at now: ChatTime
    ) throws(SQLiteFault) -> Bool {
        guard let (number, row) = try self.place(of: id, in: channel) else { return false }
        try self.connection.execute(
            "UPDATE messages SET text = ?, mentions = ?, edited = ? WHERE row = ? AND removed IS NULL",
            .text(text),
            .text(orNull: Self.joined(mentions)),
            .integer(now.milliseconds),
            .integer(row)
        )
        guard self.connection.changes > 0 else { return false }
        try self.setMentions(mentions, ofMessage: row, in: number)
        return true
    }

    /// Takes a message's text away and leaves the entry; `false` when there is no such message, or it is gone already.
    func remove(_ id: MessageID, in channel: ChatChannel, at now: ChatTime) throws(SQLiteFault) -> Bool {
        guard let (number, row) = try self.place(of: id, in: channel) else { return false }
        try self.connection.execute(
            "UPDATE messages SET text = '', mentions = NULL, removed = ? WHERE row = ? AND removed IS NULL",
            .integer(now.milliseconds),
            .integer(row)
        )
        guard self.connection.changes > 0 else { return false }
        try self.setMentions([], ofMessage: row, in: number)
        return true
    }

    /// The numbers of a message's channel and row, where it is visible.
    func place(
        of id: MessageID,
        in channel: ChatChannel,
        _ visible: VisibleMessages = .all
    ) throws(SQLiteFault) -> (channel: Int64, row: Int64)? {
        var place: (channel: Int64, row: Int64)?
        try self.connection.rows(
            """
            SELECT channel, row FROM messages
            WHERE channel = (SELECT id FROM channels WHERE path = ?) AND id = ?\(visible.condition)
            """,
            [.text(channel.path), .text(id.text)] + visible.values
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            place = (channel: row.integer(0), row: row.integer(1))
            return false
        }
        return place
    }

    /// The owner of a name that the last message of a channel was from or to.
    func lastOwner(of user: UserName, in channel: ChatChannel) throws(SQLiteFault) -> String? {
        try self.connection.first(
            """
            SELECT CASE sender_key WHEN ? THEN author ELSE reader END FROM messages
            WHERE channel = (SELECT id FROM channels WHERE path = ?) ORDER BY row DESC LIMIT 1
            """,
            .text(user.key),
            .text(channel.path)
        ) { $0.optionalText(0) } ?? nil
    }

    private func setMentions(_ users: [UserName], ofMessage row: Int64, in channel: Int64) throws(SQLiteFault) {
        try self.connection.execute("DELETE FROM mentions WHERE message = ?", .integer(row))
        for user in users {
            try self.connection.execute(
                "INSERT OR IGNORE INTO mentions (user, channel, message) VALUES (?, ?, ?)",
                .text(user.key),
                .integer(channel),
                .integer(row)
            )
        }
    }

    private static func joined(_ names: [UserName]?) -> String? {
        guard let names, !names.isEmpty else { return nil }
        return names.map(\.text).joined(separator: " ")
    }
}
