import PondChat
import PondKit

/// What is remembered of a room.
struct StoredRoom: Sendable, Hashable {
    var room: RoomName
    var topic: String
    /// The seconds of slow mode, 0 when it is off.
    var slowSeconds: Int
    /// Whether it stays when the last one leaves.
    var permanent: Bool
}

extension ChatTables {
    private static let roomSelection = "SELECT path, topic, slow, permanent FROM channels"

    /// Every room with a memory, by name.
    func rooms() throws(SQLiteFault) -> [StoredRoom] {
        try self.rooms("\(Self.roomSelection) ORDER BY path", [])
    }

    /// What is remembered of a room.
    func room(_ room: RoomName) throws(SQLiteFault) -> StoredRoom? {
        try self.rooms("\(Self.roomSelection) WHERE path = ?", [.text(ChatChannel.lobby(room).path)]).first
    }

    /// Makes a room of the configuration permanent; its topic is only set where there is none.
    func ensure(_ room: ConfiguredRoom, at now: ChatTime) throws(SQLiteFault) {
        var stored =
            try self.room(room.room) ?? StoredRoom(room: room.room, topic: "", slowSeconds: 0, permanent: true)
        if stored.topic.isEmpty { stored.topic = room.topic }
        stored.permanent = true
        try self.save(stored, at: now)
    }

    private func rooms(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteFault) -> [StoredRoom] {
        var rooms: [StoredRoom] = []
        try self.connection.rows(sql, values) {
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

    /// Forgets a channel and all that was said in it; `false` when nothing was known of it. The server on which that was
    /// ordered tells Redis, up to what it knows: another one may hear of it when more was said since.
    func forget(_ channel: ChatChannel, tellingRedis: Bool = true) throws(SQLiteFault) -> Bool {
        try self.redactAll(in: channel.path, tellingRedis: tellingRedis)
        try self.connection.execute("DELETE FROM channels WHERE path = ?", .text(channel.path))
        return self.connection.changes > 0
    }
}
