import Glibc
import PondChat
import PondKit

/// Everything the chat remembers. A message is on the disk when `write` returns; reads see what is committed.
final class ChatStore: Sendable {
    private let database: SQLiteDatabase
    let redactions = Redactions()
    /// The numbered broadcasts of rooms and conversations; a message is stored with its broadcast, or neither is.
    let history: SQLiteHistoryStore

    /// Opens the store, and says why it cannot.
    init(_ location: SQLiteLocation, pendingLimit: Int = 20_000) throws(SQLiteFault) {
        self.database = try SQLiteDatabase(location, migrations: ChatSchema.migrations, pendingLimit: pendingLimit)
        let redactions = self.redactions
        self.history = SQLiteHistoryStore(
            self.database,
            transient: [Typing.event, ReadState.event],
            projection: { connection, key, broadcast throws(SQLiteFault) in
                try ChatProjection.apply(connection, key, broadcast, redactions)
            },
            revisions: redactions.revisions
        )
    }

    /// Changes the tables, all or nothing; may run twice, so `body` must have no other effect.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (ChatTables) throws(SQLiteFault) -> Value
    ) async throws(PondError) -> Value {
        do throws(SQLiteFault) {
            let redactions = self.redactions
            return try await self.database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
                try body(ChatTables(connection, redactions))
            }
        } catch {
            throw Self.error(error)
        }
    }

    /// Changes the tables by what all nodes are to know, once for each number of a numbering, in their order. A rule
    /// that it breaks here it breaks on all of them, and then it changes nothing but the number.
    func follow(
        _ key: HistoryKey,
        _ epoch: String,
        _ offset: UInt64,
        then: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable (SQLiteConnection) throws(SQLiteFault) -> Void
    ) {
        self.database.write(
            { connection throws(SQLiteFault) in
                guard try ChatTables(connection).follows(key, epoch: epoch, upTo: offset) else { return }
                do throws(SQLiteFault) { try body(connection) } catch  where error.isTemporary { throw error } catch {}
            },
            finished: { _ in then() }
        )
    }

    /// The changes that the other servers were not told.
    func untold() async -> [(id: String, change: SharedChange)] {
        (try? await self.read { (tables: ChatTables) throws(SQLiteFault) in try tables.untold() }) ?? []
    }

    /// The other servers were told of a change.
    func forgetUntold(_ id: String) {
        self.database.write(
            { connection throws(SQLiteFault) in try ChatTables(connection).forgetUntold(id) },
            finished: { _ in }
        )
    }

    /// Why the database cannot be used, as far as the last reads and writes showed; `nil` while it can.
    var fault: SQLiteFault? { self.database.health.fault }

    /// Reads the tables.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (ChatTables) throws(SQLiteFault) -> Value
    ) async throws(PondError) -> Value {
        do throws(SQLiteFault) {
            return try await self.database.read { (connection: SQLiteConnection) throws(SQLiteFault) in
                try body(ChatTables(connection))
            }
        } catch {
            throw Self.error(error)
        }
    }

    /// Searches the tables, while other reads go on; throws 429 where too many searches wait.
    func search<Value: Sendable>(
        _ body: @escaping @Sendable (ChatTables) throws(SQLiteFault) -> Value
    ) async throws(PondError) -> Value {
        do throws(SQLiteFault) {
            return try await self.database.search { (connection: SQLiteConnection) throws(SQLiteFault) in
                try body(ChatTables(connection))
            }
        } catch {
            if error.kind == .busy { throw .rateLimited("too many searches at once", retryAfter: 1) }
            throw Self.error(error)
        }
    }

    /// Reads for long, on a thread of its own: an export, a backup, a check.
    func readAtLength<Value: Sendable>(
        _ body: @escaping @Sendable (ChatTables) throws(SQLiteFault) -> Value
    ) async throws(PondError) -> Value {
        do throws(SQLiteFault) {
            return try await self.database.readAtLength { (connection: SQLiteConnection) throws(SQLiteFault) in
                try body(ChatTables(connection))
            }
        } catch {
            throw Self.error(error)
        }
    }

    /// What SQLite finds wrong with the file; a damaged file is a fault of the store from then on.
    func damage() async throws(PondError) -> [String] {
        let damage = try await self.readAtLength { (tables: ChatTables) throws(SQLiteFault) in
            try tables.connection.integrityFaults()
        }
        if let first = damage.first {
            self.database.health.note(SQLiteFault(.corrupt, message: first), ofWrite: false)
        }
        return damage
    }

    /// Writes a consistent copy to a new file that only the server's user can read.
    func backup(to path: String) async throws(PondError) {
        guard TextFile.create(path, "") else {
            throw .badRequest(
                "cannot write \(path): \(DataFolder.lastError); name a new file in a folder of the server's"
            )
        }
        do throws(PondError) {
            try await self.readAtLength { (tables: ChatTables) throws(SQLiteFault) in
                try tables.connection.backup(to: path)
            }
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Lets the files hold nothing of what was taken back: empties the log of earlier pages, and with `words` merges the
    /// index of words, piece by piece between the writes of others.
    func scrub(words: Bool) async {
        if words, let number = self.redactions.waiting(.words) {
            while (try? await self.database.maintain { (connection: SQLiteConnection) throws(SQLiteFault) in
                try ChatTables(connection).mergeWords()
            }) == true { self.redactions.logChanged() }
            self.redactions.followed(.words, upTo: number)
        }
        guard let number = self.redactions.waiting(.log) else { return }
        let isDone = try? await self.database.maintain { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.truncateLog()
        }
        if isDone == true { self.redactions.followed(.log, upTo: number) }
    }

    /// Ends after what was handed over before.
    func close() async { await self.database.close() }

    private static func error(_ fault: SQLiteFault) -> PondError {
        guard fault.isTemporary || fault.kind == .closed else {
            var error = PondError.internalError("the store failed")
            error.underlying = fault.description
            return error
        }
        return ChatError.notStored(fault.description)
    }
}
