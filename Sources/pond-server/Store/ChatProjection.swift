import PondChat
import PondKit

/// Writes what is broadcast in rooms and conversations into the tables of messages, in the same transaction.
enum ChatProjection {
    /// Refuses, as a broken rule, a message whose id is taken, and a change of one that is not there.
    static func apply(
        _ connection: SQLiteConnection,
        _ key: HistoryKey,
        _ broadcast: StoredBroadcast,
        _ redactions: Redactions
    ) throws(SQLiteFault) {
        guard let channel = ChatChannel(path: key.channel) else { return }
        let tables = ChatTables(connection, redactions)
        switch broadcast.event {
        case ChatMessage.event:
            let message: ChatMessage = try Self.read(broadcast)
            // What another server took of a user who was erased meanwhile.
            if redactions.isShared, try tables.isErased(message) {
                return try tables.takeBack(broadcast.offset, in: channel)
            }
            guard case .stored = try tables.append(message, to: channel, at: broadcast.offset) else {
                throw SQLiteFault(.constraint, message: "another message has this id")
            }
        case MessageEdited.event:
            let edited: MessageEdited = try Self.read(broadcast)
            let isDone = try tables.edit(
                edited.id,
                in: channel,
                text: edited.text,
                mentions: edited.mentions ?? [],
                at: edited.at
            )
            guard isDone else { throw SQLiteFault(.constraint, message: "no such message") }
            try tables.redact(edited.id, in: channel, edit: broadcast.offset)
        case MessageRemoved.event:
            let removed: MessageRemoved = try Self.read(broadcast)
            guard try tables.remove(removed.id, in: channel, at: removed.at) else {
                throw SQLiteFault(.constraint, message: "no such message")
            }
            try tables.redact(removed.id, in: channel, edit: nil)
        default: break
        }
    }

    private static func read<Value: ChatPayload>(_ broadcast: StoredBroadcast) throws(SQLiteFault) -> Value {
        do throws(PondError) {
            return try Value(broadcast.payload)
        } catch {
            throw SQLiteFault(.misuse, message: "a \(broadcast.event) of another shape: \(error.message)")
        }
    }
}
