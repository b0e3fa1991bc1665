import PondChat
import PondKit

extension ChatTables {
    /// How long one search may keep others waiting; what was found until then is the answer.
    static let searchTime: Duration = .milliseconds(250)

    /// The messages of a channel that hold all words of the query, from new to old.
    ///
    /// The index is walked from its newest entry on, so that words which are everywhere are found at once.
    func search(
        _ request: SearchRequest,
        in channel: ChatChannel,
        count: Int,
        within time: Duration = Self.searchTime
    ) throws(SQLiteFault) -> SearchPage {
        let nothing = SearchPage(messages: [], hasMore: false)
        guard let number = try self.number(of: channel), let search = SearchWords(request.query) else { return nothing }
        var before = Int64.max
        if let id = request.before {
            guard let (_, row) = try self.place(of: id, in: channel) else { return nothing }
            before = row
        }
        let (sql, values) = Self.question(search, from: request.from, in: number, before: before, count: count + 1)
        var found: [ChatMessage] = []
        let isWhole = try self.connection.limited(to: time) { () throws(SQLiteFault) in
            try self.connection.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
                if let message = Self.message(row) { found.append(message) }
                return true
            }
        }
        return SearchPage(messages: Array(found.prefix(count)), hasMore: found.count > count || !isWhole)
    }

    private static func question(
        _ search: SearchWords,
        from user: UserName?,
        in channel: Int64,
        before: Int64,
        count: Int
    ) -> (sql: String, values: [SQLiteValue]) {
        var sql = Self.selection
        var conditions = ["channel = ?", "removed IS NULL"]
        var values: [SQLiteValue] = [.integer(channel)]
        if let user {
            conditions.append("sender_key = ?")
            values.append(.text(user.key))
        }
        var order = "row"
        for part in search.parts {
            switch part {
            case .words(let expression):
                // CROSS JOIN keeps the index on the outside.
                sql = Self.selection.replacing(
                    "text, reply",
                    with: "messages.text, reply"
                ).replacing(
                    "FROM messages",
                    with: "FROM message_words CROSS JOIN messages ON row = message_words.rowid"
                )
                conditions.append("message_words MATCH ? AND message_words.rowid < ?")
                values += [.text(expression), .integer(before)]
                order = "message_words.rowid"
            case .substring(let text):
                conditions.append("instr(messages.text, ?) > 0")
                values.append(.text(text))
            }
        }
        if order == "row" {
            conditions.append("row < ?")
            values.append(.integer(before))
        }
        values.append(.integer(Int64(count)))
        return ("\(sql) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) DESC LIMIT ?", values)
    }
}
