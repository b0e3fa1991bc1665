import PondChat
import PondKit

/// The questions and changes of the chat's tables; one extension for each kind of thing.
struct ChatTables {
    let connection: SQLiteConnection
    /// Hears what is taken back; `nil` for those who only read.
    let redactions: Redactions?

    init(_ connection: SQLiteConnection, _ redactions: Redactions? = nil) {
        self.connection = connection
        self.redactions = redactions
    }

    /// The number of a channel in the other tables, or `nil` when nothing was stored of it yet.
    func number(of channel: ChatChannel) throws(SQLiteFault) -> Int64? {
        try self.connection.first("SELECT id FROM channels WHERE path = ?", .text(channel.path)) { $0.integer(0) }
    }

    /// The number of a channel in the other tables, given now when it has none.
    func makeNumber(of channel: ChatChannel, at now: ChatTime) throws(SQLiteFault) -> Int64 {
        if let number = try self.number(of: channel) { return number }
        try self.connection.execute(
            "INSERT INTO channels (path, created) VALUES (?, ?)",
            .text(channel.path),
            .integer(now.milliseconds)
        )
        return self.connection.lastInsertedRow
    }
}
