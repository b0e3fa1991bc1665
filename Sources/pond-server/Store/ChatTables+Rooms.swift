import PondChat
import PondKit

extension ChatTables {
    /// Every room with a memory, by name.
    func rooms() throws(SQLiteFault) -> [StoredRoom] {
        var rooms: [StoredRoom] = []
        try self.connection.rows("SELECT path, topic, slow, permanent FROM channels ORDER BY path") {
            (row: borrowing SQLiteRow) throws(SQLiteFault) in
            guard case .lobby(let room) = ChatChannel(path: row.text(0)) else { return true }
            rooms.append(
                StoredRoom(
                    room: room,
                    topic: row.text(1),
                    slowSeconds: Int(row.integer(2)),
                    permanent: row.integer(3) != 0
                )
            )
            return true
        }
        return rooms
    }

    /// Remembers a room as it is now.
    func save(_ room: StoredRoom, at now: ChatTime) throws(SQLiteFault) {
        let number = try self.makeNumber(of: .lobby(room.room), at: now)
        try self.connection.execute(
            "UPDATE channels SET topic = ?, slow = ?, permanent = ? WHERE id = ?",
            .text(room.topic),
            .integer(Int64(room.slowSeconds)),
            .integer(room.permanent ? 1 : 0),
            .integer(number)
        )
    }

    /// Forgets a channel and all that was said in it; `false` when nothing was known of it.
    func forget(_ channel: ChatChannel) throws(SQLiteFault) -> Bool {
        try self.connection.execute("DELETE FROM channels WHERE path = ?", .text(channel.path))
        return self.connection.changes > 0
    }
}
