import PondChat
import PondKit

extension ChatTables {
    static let selection =
        "SELECT id, sender, at, kind, text, reply, mentions, edited, removed, row, author, reader FROM messages"

    /// The messages that a statement beginning with `selection` finds.
    func messages(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteFault) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        try self.connection.rows(sql, values) { (row: borrowing SQLiteRow) throws(SQLiteFault) in
            if let message = Self.message(row) { messages.append(message) }
            return true
        }
        return messages
    }

    /// The message of a row; `nil` when its name or id keeps rules no more.
    static func message(_ row: borrowing SQLiteRow) -> ChatMessage? {
        guard let id = try? MessageID(row.text(0)), let sender = Self.sender(row.text(1)) else { return nil }
        return ChatMessage(
            id: id,
            sender: sender,
            at: ChatTime(milliseconds: row.integer(2)),
            kind: MessageKind(rawValue: row.text(3)) ?? .text,
            text: row.text(4),
            replyTo: row.optionalText(5).flatMap { try? MessageID($0) },
            mentions: row.optionalText(6).map { $0.split(separator: " ").compactMap { try? UserName(String($0)) } },
            editedAt: row.optionalInteger(7).map(ChatTime.init(milliseconds:)),
            removedAt: row.optionalInteger(8).map(ChatTime.init(milliseconds:)),
            author: row.optionalText(10),
            reader: row.optionalText(11)
        )
    }

    private static func sender(_ text: String) -> UserName? {
        text == UserName.server.text ? .server : try? UserName(text)
    }

    /// A page of a channel, from old to new; `nil` when the message it is to be near does not exist.
    func page(
        of channel: ChatChannel,
        at anchor: HistoryRequest.Anchor,
        count: Int,
        visible: VisibleMessages = .all
    ) throws(SQLiteFault) -> HistoryPage? {
        guard let number = try self.number(of: channel) else {
            guard case .latest = anchor else { return nil }
            return HistoryPage(messages: [], hasOlder: false, hasNewer: false)
        }
        switch anchor {
        case .latest:
            return try self.page(visible, in: number, older: .max, olderCount: count, newer: .max, newerCount: 0)
        case .before(let id):
            guard let (_, row) = try self.place(of: id, in: channel, visible) else { return nil }
            var page = try self.page(visible, in: number, older: row, olderCount: count, newer: .max, newerCount: 0)
            page.hasNewer = true
            return page
        case .after(let id):
            guard let (_, row) = try self.place(of: id, in: channel, visible) else { return nil }
            var page = try self.page(visible, in: number, older: 0, olderCount: 0, newer: row, newerCount: count)
            page.hasOlder = true
            return page
        case .around(let id):
            guard let (_, row) = try self.place(of: id, in: channel, visible) else { return nil }
            // The message itself counts with the newer half.
            let older = count / 2
            return try self.page(
                visible,
                in: number,
                older: row,
                olderCount: older,
                newer: row - 1,
                newerCount: count - older
            )
        }
    }

    /// Messages before row `older`, and after row `newer`; one more than asked for tells whether there are others.
    private func page(
        _ visible: VisibleMessages,
        in channel: Int64,
        older: Int64,
        olderCount: Int,
        newer: Int64,
        newerCount: Int
    ) throws(SQLiteFault) -> HistoryPage {
        var page = HistoryPage(messages: [], hasOlder: false, hasNewer: false)
        if olderCount > 0 {
            let found = try self.messages(
                "\(Self.selection) WHERE channel = ? AND row < ?\(visible.condition) ORDER BY row DESC LIMIT ?",
                [.integer(channel), .integer(older)] + visible.values + [.integer(Int64(olderCount + 1))]
            )
            page.hasOlder = found.count > olderCount
            page.messages = found.prefix(olderCount).reversed()
        }
        if newerCount > 0 {
            let found = try self.messages(
                "\(Self.selection) WHERE channel = ? AND row > ?\(visible.condition) ORDER BY row LIMIT ?",
                [.integer(channel), .integer(newer)] + visible.values + [.integer(Int64(newerCount + 1))]
            )
            page.hasNewer = found.count > newerCount
            page.messages += found.prefix(newerCount)
        }
        return page
    }
}
