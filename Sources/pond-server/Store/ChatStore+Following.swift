import PondChat
import PondKit

/// Following what all nodes write, by the rows in which a history of this node's own would keep its positions.
extension ChatStore {
    /// How far the tables have followed a numbering; from its beginning where they followed another one.
    func followed(_ key: HistoryKey, epoch: String) async -> UInt64 {
        let last = try? await self.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.followed(key, epoch: epoch)
        }
        return last ?? 0
    }

    /// The position after the last entry that was followed; `nil` where there is none.
    func position(in key: HistoryKey) async -> StreamPosition? {
        let found = try? await self.read { (tables: ChatTables) throws(SQLiteFault) in try tables.position(in: key) }
        return found ?? nil
    }

    /// What was said in a channel up to a number cannot be had any more: says so to whoever looks back.
    func noteGap(_ key: HistoryKey, epoch: String, upTo offset: UInt64) {
        self.follow(
            key,
            epoch,
            offset,
            then: {},
            { (connection: SQLiteConnection) throws(SQLiteFault) in
                let tables = ChatTables(connection)
                guard let channel = ChatChannel(path: key.channel), let last = try tables.lastTime(in: channel)
                else { return }
                let notice = ChatMessage(
                    id: .random(),
                    sender: .server,
                    at: last,
                    kind: .notice,
                    text: "some of what was said after this is not kept on this server"
                )
                _ = try tables.append(notice, to: channel)
            }
        )
    }

    /// Writes what a broadcast says into the tables, once; `then` when it is there, or cannot be.
    func follow(
        _ broadcast: StoredBroadcast,
        in key: HistoryKey,
        epoch: String,
        then: @escaping @Sendable () -> Void
    ) {
        let redactions = self.redactions
        self.follow(key, epoch, broadcast.offset, then: then) { (connection: SQLiteConnection) throws(SQLiteFault) in
            try ChatProjection.apply(connection, key, broadcast, redactions)
        }
    }
}

extension ChatTables {
    /// How far the tables have followed a numbering; 0 where they followed another one, or none.
    func followed(_ key: HistoryKey, epoch: String) throws(SQLiteFault) -> UInt64 {
        guard let known = try self.position(in: key), known.epoch == epoch else { return 0 }
        return known.offset
    }

    /// Begins to follow a numbering, in place of another one that was followed before.
    private func beginFollowing(_ key: HistoryKey, epoch: String) throws(SQLiteFault) {
        // The numbers of another numbering stand for nothing here.
        try SQLiteHistoryTables(self.connection).forget(key)
        try self.connection.execute(
            """
            UPDATE messages SET offset = NULL, edit_offset = NULL
            WHERE channel = (SELECT id FROM channels WHERE path = ?) AND coalesce(offset, edit_offset) IS NOT NULL
            """,
            .text(key.channel)
        )
        try self.connection.execute(
            """
            INSERT INTO streams (endpoint, channel, epoch) VALUES (?, ?, ?)
            ON CONFLICT (endpoint, channel) DO UPDATE SET epoch = excluded.epoch, last = 0, removed = 0
            """,
            .text(key.endpoint),
            .text(key.channel),
            .text(epoch)
        )
    }

    func position(in key: HistoryKey) throws(SQLiteFault) -> StreamPosition? {
        try self.connection.first(
            "SELECT epoch, last FROM streams WHERE endpoint = ? AND channel = ?",
            .text(key.endpoint),
            .text(key.channel)
        ) { StreamPosition(epoch: $0.text(0), offset: UInt64(bitPattern: $0.integer(1))) }
    }

    /// Notes that everything up to a number is in the tables; `false` where it was before.
    func follows(_ key: HistoryKey, epoch: String, upTo offset: UInt64) throws(SQLiteFault) -> Bool {
        guard try self.followed(key, epoch: epoch) < offset else { return false }
        if try self.position(in: key)?.epoch != epoch { try self.beginFollowing(key, epoch: epoch) }
        try self.connection.execute(
            "UPDATE streams SET last = ? WHERE endpoint = ? AND channel = ?",
            .integer(Int64(bitPattern: offset)),
            .text(key.endpoint),
            .text(key.channel)
        )
        return true
    }
}
