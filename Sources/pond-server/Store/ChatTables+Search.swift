import PondChat
import PondKit

extension ChatTables {
    /// How long one search may take; what was found until then is the answer.
    static let searchTime: Duration = .milliseconds(40)
    /// The rows that a search looks through at once: the index cannot be stopped between them.
    private static let searchRows = (least: Int64(2_048), most: Int64(131_072))

    /// The messages of a channel that hold all words of the query, from new to old.
    ///
    /// The rows are looked through piece by piece from the newest on, so that it is known how far a search got whose
    /// time is over: at least one piece further than the last.
    func search(
        _ request: SearchRequest,
        in channel: ChatChannel,
        count: Int,
        visible: VisibleMessages = .all,
        within time: Duration = Self.searchTime
    ) throws(SQLiteFault) -> SearchPage {
        let nothing = SearchPage(messages: [], hasMore: false)
        guard let number = try self.number(of: channel), let search = try? SearchWords(request.query) else {
            return nothing
        }
        var before = Int64.max
        if let id = request.before {
            guard let (_, row) = try self.place(of: id, in: channel, visible) else { return nothing }
            before = row
        }
        let question = Question(search: search, user: request.from, channel: number, visible: visible)
        if search.checksBeginnings { WordFolding.prepare() }
        let end = SystemClock().now() + time
        var (found, size) = ([Found](), Self.searchRows.least)
        while let newest = try self.newest(in: number, before: before) {
            let first = max(0, newest - size + 1)
            let wanted = count + 1 - found.count
            let known = found.count
            let isWhole = try self.connection.limited(to: end - SystemClock().now()) { () throws(SQLiteFault) in
                try self.look(for: question, from: first, before: newest + 1, count: wanted, found: &found)
            }
            if found.count > count { return Self.page(found, count, hasMore: true) }
            if !isWhole {
                if found.count > known, let last = found.last {
                    return Self.page(found, count, hasMore: true, next: last.message.id)
                }
                let first = max(0, newest - Self.searchRows.least + 1)
                try self.look(for: question, from: first, before: newest + 1, count: wanted, found: &found)
                before = first
            } else {
                before = first
            }
            if found.count > count { return Self.page(found, count, hasMore: true) }
            size = min(size * 2, Self.searchRows.most)
            if !isWhole || SystemClock().now() >= end {
                guard try self.newest(in: number, before: before) != nil else { break }
                return Self.page(found, count, hasMore: true, next: try self.oldest(in: number, from: before))
            }
        }
        return Self.page(found, count, hasMore: false)
    }

    /// What is searched for, and where.
    private struct Question {
        let search: SearchWords
        let user: UserName?
        let channel: Int64
        let visible: VisibleMessages
    }

    private struct Found {
        let message: ChatMessage
        let row: Int64
    }

    private static func page(_ found: [Found], _ count: Int, hasMore: Bool, next: MessageID? = nil) -> SearchPage {
        SearchPage(messages: found.prefix(count).map(\.message), hasMore: hasMore, next: next)
    }

    /// The newest row of a channel before one; what other channels have between is passed over.
    private func newest(in channel: Int64, before row: Int64) throws(SQLiteFault) -> Int64? {
        try self.connection.first(
            "SELECT row FROM messages WHERE channel = ? AND row < ? ORDER BY row DESC LIMIT 1",
            .integer(channel),
            .integer(row)
        ) { $0.integer(0) }
    }

    /// The oldest message of a channel from a row on.
    private func oldest(in channel: Int64, from row: Int64) throws(SQLiteFault) -> MessageID? {
        let id = try self.connection.first(
            "SELECT id FROM messages WHERE channel = ? AND row >= ? ORDER BY row LIMIT 1",
            .integer(channel),
            .integer(row)
        ) { $0.text(0) }
        return id.flatMap { try? MessageID($0) }
    }

    /// Finds at most `count` messages in rows from one and before another, from new to old.
    private func look(
        for question: Question,
        from first: Int64,
        before: Int64,
        count: Int,
        found: inout [Found]
    ) throws(SQLiteFault) {
        let (sql, values) = Self.question(question, from: first, before: before)
        var messages: [Found] = []
        defer { found += messages }
        try self.connection.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            if let message = Self.message(row), question.search.fits(message.text) {
                messages.append(Found(message: message, row: row.integer(9)))
            }
            return messages.count < count
        }
    }

    private static func question(
        _ question: Question,
        from first: Int64,
        before: Int64
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
            case .beginning: break
            case .substring(let text):
                conditions.append("instr(messages.text, ?) > 0")
                values.append(.text(text))
            }
        }
        if order == "row" {
            conditions.append("row < ? AND row >= ?")
            values += [.integer(before), .integer(first)]
        }
        values += question.visible.values
        let condition = conditions.joined(separator: " AND ") + question.visible.condition
        return ("\(sql) WHERE \(condition) ORDER BY \(order) DESC", values)
    }
}
