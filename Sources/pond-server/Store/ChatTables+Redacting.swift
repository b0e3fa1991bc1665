import PondChat
import PondKit

/// Taking back what stored broadcasts say, in the transaction in which a message changes.
extension ChatTables {
    /// Something that Redis has yet to take back.
    struct Unerased: Sendable {
        var channel: String
        var position: StreamPosition
        /// Everything up to the position, or the one broadcast there.
        var isWhole: Bool
        var payload: Payload?
    }

    static func key(of path: String) -> HistoryKey {
        HistoryKey(endpoint: ConnectionParameters.endpoint, channel: path)
    }

    /// A message was edited or removed: its broadcast says what the message is now, and earlier edits say nothing.
    /// `edit` is the number of the broadcast that holds the new text.
    func redact(_ id: MessageID, in channel: ChatChannel, edit: UInt64?) throws(SQLiteFault) {
        guard let (_, row) = try self.place(of: id, in: channel), let message = try self.message(id, in: channel) else {
            return
        }
        try self.redact(row, in: channel.path, to: try? message.payload())
        try self.connection.execute(
            "UPDATE messages SET edit_offset = ? WHERE row = ?",
            .integer(orNull: edit.map { Int64(bitPattern: $0) }),
            .integer(row)
        )
    }

    /// A message is removed for good: neither its broadcast nor its edits say anything.
    func redact(_ row: Int64, in path: String, to payload: Payload?) throws(SQLiteFault) {
        let offsets = try self.connection.first("SELECT offset, edit_offset FROM messages WHERE row = ?", .integer(row))
        {
            (said: $0.optionalInteger(0), edited: $0.optionalInteger(1))
        }
        if let said = offsets?.said { try self.rewrite(UInt64(bitPattern: said), in: path, to: payload) }
        if let edited = offsets?.edited { try self.rewrite(UInt64(bitPattern: edited), in: path, to: nil) }
        // What was broadcast before it was noted where is not to be replayed either.
        self.redactions?.note(Self.key(of: path))
    }

    /// Empties one broadcast that stands in no row.
    func takeBack(_ offset: UInt64, in channel: ChatChannel) throws(SQLiteFault) {
        try self.rewrite(offset, in: channel.path, to: nil)
        self.redactions?.note(Self.key(of: channel.path))
    }

    /// Every broadcast of a channel is removed.
    func redactAll(in path: String, tellingRedis: Bool) throws(SQLiteFault) {
        let key = Self.key(of: path)
        self.redactions?.note(key)
        try SQLiteHistoryTables(self.connection).forget(key)
        guard self.redactions?.isShared == true, let position = try self.position(in: key) else { return }
        try self.connection.execute("DELETE FROM unerased WHERE channel = ?", .text(path))
        guard tellingRedis else { return }
        try self.note(Unerased(channel: path, position: position, isWhole: true))
    }

    private func rewrite(_ offset: UInt64, in path: String, to payload: Payload?) throws(SQLiteFault) {
        let key = Self.key(of: path)
        try SQLiteHistoryTables(self.connection).rewrite(offset, in: key, to: payload)
        guard self.redactions?.isShared == true, let epoch = try self.position(in: key)?.epoch else { return }
        let position = StreamPosition(epoch: epoch, offset: offset)
        try self.note(Unerased(channel: path, position: position, isWhole: false, payload: payload))
    }

    private func note(_ unerased: Unerased) throws(SQLiteFault) {
        try self.connection.execute(
            "INSERT OR REPLACE INTO unerased (channel, offset, epoch, whole, payload) VALUES (?, ?, ?, ?, ?)",
            .text(unerased.channel),
            .integer(Int64(bitPattern: unerased.position.offset)),
            .text(unerased.position.epoch),
            .integer(unerased.isWhole ? 1 : 0),
            unerased.payload.map { .blob($0.bytes) } ?? .null
        )
    }

    /// What Redis has yet to take back.
    func unerased(limit: Int = 500) throws(SQLiteFault) -> [Unerased] {
        var found: [Unerased] = []
        try self.connection.rows(
            "SELECT channel, offset, epoch, whole, payload FROM unerased ORDER BY channel, offset LIMIT ?",
            [.integer(Int64(limit))]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            let position = StreamPosition(epoch: row.text(2), offset: UInt64(bitPattern: row.integer(1)))
            let payload = row.bytes(4)
            found.append(
                Unerased(
                    channel: row.text(0),
                    position: position,
                    isWhole: row.integer(3) != 0,
                    payload: payload.isEmpty ? nil : Payload(validated: payload)
                )
            )
            return true
        }
        return found
    }

    /// Redis has taken it back; what changed again since stays.
    func forget(_ unerased: Unerased) throws(SQLiteFault) {
        try self.connection.execute(
            "DELETE FROM unerased WHERE channel = ? AND offset = ? AND epoch = ? AND whole = ? AND payload IS ?",
            .text(unerased.channel),
            .integer(Int64(bitPattern: unerased.position.offset)),
            .text(unerased.position.epoch),
            .integer(unerased.isWhole ? 1 : 0),
            unerased.payload.map { .blob($0.bytes) } ?? .null
        )
    }

    /// Merges a part of the index of words, which forgets the words of removed texts; `false` when it is one piece.
    func mergeWords() throws(SQLiteFault) -> Bool {
        let before = self.connection.totalChanges
        try self.connection.execute("INSERT INTO message_words (message_words, rank) VALUES ('merge', -100)")
        return self.connection.totalChanges - before >= 2
    }
}
