import PondChat
import PondKit

extension ChatTables {
    /// The messages of a channel that hold all words of the query, from new to old.
    func search(_ request: SearchRequest, in channel: ChatChannel, count: Int) throws(SQLiteFault) -> SearchPage {
        guard let number = try self.number(of: channel), let search = SearchWords(request.query) else {
            return SearchPage(messages: [], hasMore: false)
        }
        var before = Int64.max
        if let id = request.before {
            guard let (_, row) = try self.place(of: id, in: channel) else {
                return SearchPage(messages: [], hasMore: false)
            }
            before = row
        }
        var values: [SQLiteValue] = [.integer(number), .integer(before)]
        var condition = "channel = ? AND row < ? AND removed IS NULL"
        if let user = request.from {
            condition += " AND sender_key = ?"
            values.append(.text(user.key))
        }
        for part in search.parts {
            switch part {
            case .words(let expression):
                condition += " AND row IN (SELECT rowid FROM message_words WHERE message_words MATCH ?)"
                values.append(.text(expression))
            case .substring(let text):
                condition += " AND instr(text, ?) > 0"
                values.append(.text(text))
            }
        }
        values.append(.integer(Int64(count + 1)))
        let found = try self.messages("\(Self.selection) WHERE \(condition) ORDER BY row DESC LIMIT ?", values)
        return SearchPage(messages: Array(found.prefix(count)), hasMore: found.count > count)
    }
}
