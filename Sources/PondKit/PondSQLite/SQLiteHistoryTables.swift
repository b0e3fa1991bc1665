package import PondCore
import PondRuntime
package import PondServer

/// The numbered broadcasts of channels, as rows.
package struct SQLiteHistoryTables {
    /// How many numbers are set aside in advance.
    static let reserve: UInt64 = 1_000
    /// One append in so many removes what is too old or too much.
    private static let pruneInterval: UInt64 = 64

    let connection: SQLiteConnection

    package init(_ connection: SQLiteConnection) { self.connection = connection }

    /// Begins a channel's numbering, unless it has one.
    func begin(_ channel: HistoryKey, epoch: String) throws(SQLiteFault) {
        try self.connection.execute(
            "INSERT OR IGNORE INTO streams (endpoint, channel, epoch) VALUES (?, ?, ?)",
            .text(channel.endpoint),
            .text(channel.channel),
            .text(epoch)
        )
    }

    /// The epoch of a channel that has no numbering yet: the same each time, so that a member who was told of it can
    /// recover from it when the process crashed before the first append.
    func firstEpoch(of channel: HistoryKey) throws(SQLiteFault) -> String {
        let seed = try self.connection.first("SELECT seed FROM epochs") { $0.text(0) } ?? PondID.token()
        return PondID.uuid(named: "\(seed) \(channel.endpoint) \(channel.channel)")
    }

    /// A channel's position, with more numbers set aside for the channel; `nil` where it has no numbering.
    func open(_ channel: HistoryKey) throws(SQLiteFault) -> StreamPosition? {
        guard let stream = try self.stream(channel) else { return nil }
        try self.setAside(after: stream.last, in: channel)
        return StreamPosition(epoch: stream.epoch, offset: stream.last)
    }

    /// Stores a broadcast, and sets more numbers aside.
    func append(
        _ broadcast: StoredBroadcast,
        to channel: HistoryKey,
        epoch: String,
        bounds: HistoryBounds
    ) throws(SQLiteFault) {
        guard let stream = try self.stream(channel), stream.epoch == epoch else {
            throw SQLiteFault(.misuse, message: "the channel's history is not open")
        }
        try self.connection.execute(
            """
            INSERT INTO broadcasts (stream, offset, at, event, request, recipients, payload, client, client_request)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(stream.id),
            .integer(Int64(bitPattern: broadcast.offset)),
            .integer(Self.now),
            .text(broadcast.event),
            .text(broadcast.requestId),
            .text(orNull: broadcast.recipients.stored),
            .blob(broadcast.payload.bytes),
            .text(orNull: broadcast.origin?.client.text),
            .text(orNull: broadcast.origin?.requestId)
        )
        if broadcast.offset + Self.reserve / 2 > stream.last { try self.setAside(after: broadcast.offset, in: channel) }
        if broadcast.offset % Self.pruneInterval == 0 { try self.prune(stream.id, upTo: broadcast.offset, bounds) }
    }

    /// Sets numbers after this one aside, so that they do not come again after a crash.
    func setAside(after offset: UInt64, in channel: HistoryKey) throws(SQLiteFault) {
        try self.connection.execute(
            "UPDATE streams SET last = max(last, ?) WHERE endpoint = ? AND channel = ?",
            .integer(Int64(bitPattern: offset + Self.reserve)),
            .text(channel.endpoint),
            .text(channel.channel)
        )
    }

    /// Gives back what was set aside after this number.
    func giveBack(after offset: UInt64, in channel: HistoryKey) throws(SQLiteFault) {
        try self.connection.execute(
            """
            UPDATE streams SET last = max(?, coalesce((SELECT max(offset) FROM broadcasts WHERE stream = id), 0))
            WHERE endpoint = ? AND channel = ?
            """,
            .integer(Int64(bitPattern: offset)),
            .text(channel.endpoint),
            .text(channel.channel)
        )
    }

    /// Everything after a position, when nothing of it is missing.
    func read(
        _ channel: HistoryKey,
        after position: StreamPosition,
        maximumBytes: Int,
        age: Duration
    ) throws(SQLiteFault) -> RecoveryDecision {
        guard let stream = try self.stream(channel), stream.epoch == position.epoch,
            stream.removed <= position.offset, position.offset <= stream.last
        else { return .impossible }
        let oldest = Self.now - age.wholeNanoseconds / 1_000_000
        var (found, cost, isWhole) = ([StoredBroadcast](), 0, true)
        try self.connection.rows(
            """
            SELECT offset, event, request, recipients, payload, at FROM broadcasts
            WHERE stream = ? AND offset > ? ORDER BY offset
            """,
            [.integer(stream.id), .integer(Int64(bitPattern: position.offset))]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            let broadcast = StoredBroadcast(
                offset: UInt64(bitPattern: row.integer(0)),
                event: row.text(1),
                requestId: row.text(2),
                recipients: Recipients(stored: row.optionalText(3).map { Array($0.utf8) }),
                payload: Payload(validated: row.bytes(4))
            )
            cost += broadcast.cost
            isWhole = cost <= maximumBytes && row.integer(5) >= oldest
            found.append(broadcast)
            return isWhole
        }
        return isWhole ? .whole(found) : .impossible
    }

    /// Lets a stored broadcast say something else; with `nil` it says nothing, to nobody. Its number stays.
    package func rewrite(_ offset: UInt64, in channel: HistoryKey, to payload: Payload?) throws(SQLiteFault) {
        try self.connection.execute(
            """
            UPDATE broadcasts SET payload = ?, recipients = CASE WHEN ? THEN '[]' ELSE recipients END
            WHERE stream = (SELECT id FROM streams WHERE endpoint = ? AND channel = ?) AND offset = ?
            """,
            .blob((payload ?? .empty).bytes),
            .integer(payload == nil ? 1 : 0),
            .text(channel.endpoint),
            .text(channel.channel),
            .integer(Int64(bitPattern: offset))
        )
    }

    /// Removes every broadcast of a channel; its numbering goes on.
    package func forget(_ channel: HistoryKey) throws(SQLiteFault) {
        try self.connection.execute(
            """
            UPDATE streams SET removed = max(
                removed, coalesce((SELECT max(offset) FROM broadcasts WHERE stream = streams.id), 0)
            ) WHERE endpoint = ? AND channel = ?
            """,
            .text(channel.endpoint),
            .text(channel.channel)
        )
        try self.connection.execute(
            "DELETE FROM broadcasts WHERE stream = (SELECT id FROM streams WHERE endpoint = ? AND channel = ?)",
            .text(channel.endpoint),
            .text(channel.channel)
        )
    }

    /// The latest requests of a client of which broadcasts are stored, the oldest first.
    func requests(of client: ClientID, in channel: HistoryKey, limit: Int) throws(SQLiteFault) -> [String] {
        guard let stream = try self.stream(channel) else { return [] }
        var requests: [String] = []
        try self.connection.rows(
            "SELECT client_request FROM broadcasts WHERE stream = ? AND client = ? ORDER BY offset DESC LIMIT ?",
            [.integer(stream.id), .text(client.text), .integer(Int64(limit))]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            requests.append(row.text(0))
            return true
        }
        return requests.reversed()
    }

    /// Removes what is too old or too much, and remembers up to where.
    private func prune(_ stream: Int64, upTo last: UInt64, _ bounds: HistoryBounds) throws(SQLiteFault) {
        let count = UInt64(max(0, bounds.messages))
        let oldest = Self.now - bounds.age.wholeNanoseconds / 1_000_000
        let end = try self.connection.number(
            "SELECT max(offset) FROM broadcasts WHERE stream = ? AND (offset <= ? OR at < ?)",
            .integer(stream),
            .integer(Int64(bitPattern: last > count ? last - count : 0)),
            .integer(oldest)
        )
        guard end > 0 else { return }
        try self.connection.execute(
            "DELETE FROM broadcasts WHERE stream = ? AND offset <= ?",
            .integer(stream),
            .integer(end)
        )
        try self.connection.execute("UPDATE streams SET removed = ? WHERE id = ?", .integer(end), .integer(stream))
    }

    private struct Stream {
        var id: Int64
        var epoch: String
        var last: UInt64
        var removed: UInt64
    }

    private func stream(_ channel: HistoryKey) throws(SQLiteFault) -> Stream? {
        var stream: Stream?
        try self.connection.rows(
            "SELECT id, epoch, last, removed FROM streams WHERE endpoint = ? AND channel = ?",
            [.text(channel.endpoint), .text(channel.channel)]
        ) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            stream = Stream(
                id: row.integer(0),
                epoch: row.text(1),
                last: UInt64(bitPattern: row.integer(2)),
                removed: UInt64(bitPattern: row.integer(3))
            )
            return false
        }
        return stream
    }

    private static var now: Int64 { CalendarClock.milliseconds }
}
