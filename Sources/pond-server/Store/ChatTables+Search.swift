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
        visible: VisibleMessages = .all,
        within time: Duration = Self.searchTime
    ) throws(SQLiteFault) -> SearchPage {
        let nothing = SearchPage(messages: [], hasMore: false)
        guard let number = try self.number(of: channel), let search = SearchWords(request.query) else { return nothing }
        var before = Int64.max
        if let id = request.before {
            guard let (_, row) = try self.place(of: id, in: channel, visible) else { return nothing }
            before = row
        }
        let question = Question(search: search, user: request.from, channel: number, visible: visible)
        var found: [ChatMessage] = []
        let isWhole = try self.connection.limited(to: time) { () throws(SQLiteFault) in
            try self.look(for: question, from: 0, before: before, count: count + 1, found: &found)
        }
        guard !isWhole, found.count <= count else {
            return SearchPage(messages: Array(found.prefix(count)), hasMore: found.count > count)
        }
        if let last = found.last { return SearchPage(messages: found, hasMore: true, next: last.id) }
        return try self.searchStepwise(question, before: before, count: count, within: time)
    }

    /// What is searched for, and where.
    private struct Question {
        let search: SearchWords
        let user: UserName?
        let channel: Int64
        let visible: VisibleMessages
    }

    /// Searches piece by piece, so that it is known how far a search got that found nothing in its time: at least one
    /// piece further than the last.
    private func searchStepwise(
        _ question: Question,
        before: Int64,
        count: Int,
        within time: Duration
    ) throws(SQLiteFault) -> SearchPage {
        let end = SystemClock().now() + time
        var (before, size) = (before, Int64(2_000))
        var found: [ChatMessage] = []
        while true {
            let first = try self.connection.first(
                "SELECT row, id FROM messages WHERE channel = ? AND row < ? ORDER BY row DESC LIMIT 1 OFFSET ?",
                .integer(question.channel),
                .integer(before),
                .integer(size - 1)
            ) { (row: $0.integer(0), id: $0.text(1)) }
            let wanted = count + 1 - found.count
            try self.look(for: question, from: first?.row ?? 0, before: before, count: wanted, found: &found)
            if found.count > count || first == nil {
                return SearchPage(messages: Array(found.prefix(count)), hasMore: found.count > count)
            }
            if let first, SystemClock().now() >= end {
                return SearchPage(messages: found, hasMore: true, next: try? MessageID(first.id))
            }
            before = first?.row ?? 0
            size *= 2
        }
    }

    /// Finds at most `count` messages in rows from one and before another, from new to old.
    private func look(
        for question: Question,
        from first: Int64,
        before: Int64,
        count: Int,
        found: inout [ChatMessage]
    ) throws(SQLiteFault) {
        let (sql, values) = Self.question(question, from: first, before: before, count: count)
        var messages: [ChatMessage] = []
        defer { found += messages }
        try self.connection.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            if let message = Self.message(row) { messages.append(message) }
            return true
        }
    }

    private static func question(
        _ question: Question,
        from first: Int64,
        before: Int64,
        count: Int
    ) -> (sql: String, values: [SQLiteValue]) {
        var sql = Self.selection
        var conditions = ["channel = ?", "removed IS NULL"]
        var values: [SQLiteValue] = [.integer(question.channel)]
        if let user = question.user {
            conditions.append("sender_key = ?")
            values.append(.text(user.key))
        }
        var order = "row"
        for part in question.search.parts {
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
                conditions.append("message_words MATCH ? AND message_words.rowid < ? AND message_words.rowid >= ?")
                values += [.text(expression), .integer(before), .integer(first)]
                order = "message_words.rowid"
            case .substring(let text):
                conditions.append("instr(messages.text, ?) > 0")
                values.append(.text(text))
            }
        }
        if order == "row" {
            conditions.append("row < ? AND row >= ?")
            values += [.integer(before), .integer(first)]
        }
        values += question.visible.values + [.integer(Int64(count))]
        let condition = conditions.joined(separator: " AND ") + question.visible.condition
        return ("\(sql) WHERE \(condition) ORDER BY \(order) DESC LIMIT ?", values)
    }
}
