import Foundation
import PondTesting
import Testing

@testable import PondRuntime
@testable import PondSQLite

@Suite(.timeLimit(.minutes(1))) struct SQLiteDatabaseTests {
    private let folder = TemporaryFolder()
    private let migrations = SQLiteMigrations(
        applicationID: 77,
        steps: ["CREATE TABLE t (n INTEGER PRIMARY KEY, x BLOB) STRICT"]
    )

    private func open(_ name: String = "a.db", pendingLimit: Int = 1_000) throws -> SQLiteDatabase {
        try SQLiteDatabase(.file(self.folder.file(name)), migrations: self.migrations, pendingLimit: pendingLimit)
    }

    private func insert(_ number: Int64, into database: SQLiteDatabase) async throws(SQLiteFault) {
        try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.execute("INSERT INTO t VALUES (?, ?)", .integer(number), .blob([1, 2]))
        }
    }

    private func count(_ database: SQLiteDatabase) async throws(SQLiteFault) -> Int64 {
        try await database.read { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.number("SELECT count(*) FROM t")
        }
    }

    @Test("What was written is there after closing and opening again")
    func reopen() async throws {
        let first = try self.open()
        for number in 0..<10 { try await self.insert(Int64(number), into: first) }
        await first.close()
        let second = try self.open()
        #expect(try await self.count(second) == 10)
        await second.close()
    }

    @Test("Every kind of value comes back as it went in, the empty ones too")
    func values() async throws {
        let database = try SQLiteDatabase(.memory, migrations: self.migrations)
        let faults = try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) -> [String] in
            try connection.execute("CREATE TABLE v (a, b, c, d, e, f, g)")
            try connection.execute(
                "INSERT INTO v VALUES (?, ?, ?, ?, ?, ?, ?)",
                nil,
                .integer(.min),
                .text("a\u{0}ü"),
                .text(""),
                .blob([]),
                .blob([0, 255]),
                .real(0.5)
            )
            var faults: [String] = []
            try connection.rows("SELECT * FROM v") { (row: borrowing SQLiteRow) throws(SQLiteFault) in
                if !row.isNull(0) || row.optionalText(0) != nil { faults.append("null") }
                if row.integer(1) != .min { faults.append("integer") }
                if row.text(2) != "a\u{0}ü" { faults.append("text") }
                if row.isNull(3) || row.text(3) != "" { faults.append("empty text") }
                if row.isNull(4) || row.bytes(4) != [] { faults.append("empty blob") }
                if row.bytes(5) != [0, 255] { faults.append("blob") }
                return true
            }
            return faults
        }
        #expect(faults.isEmpty)
    }

    @Test("A write that fails leaves nothing behind and harms none of its batch")
    func independence() async throws {
        let database = try self.open()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    do throws(SQLiteFault) {
                        try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
                            try connection.execute("INSERT INTO t VALUES (?, NULL)", .integer(Int64(number)))
                            if number % 10 == 0 {
                                try connection.execute("INSERT INTO t VALUES (?, NULL)", .integer(Int64(number)))
                            }
                        }
                        return true
                    } catch {
                        return error.kind != .constraint
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 90)
        #expect(try await self.count(database) == 90)
        await database.close()
    }

    @Test("Writes of one caller are done in the order they were handed over")
    func order() async throws {
        let database = try self.open()
        for number in 0..<500 {
            database.write(
                { (connection: SQLiteConnection) throws(SQLiteFault) in
                    try connection.execute("INSERT INTO t VALUES (NULL, ?)", .blob(Array("\(number)".utf8)))
                },
                finished: { _ in }
            )
        }
        await database.close()
        let again = try self.open()
        let inOrder = try await again.read { (connection: SQLiteConnection) throws(SQLiteFault) in
            var expected = 0
            try connection.rows("SELECT x FROM t ORDER BY n") { (row: borrowing SQLiteRow) throws(SQLiteFault) in
                guard row.bytes(0) == Array("\(expected)".utf8) else { return false }
                expected += 1
                return true
            }
            return expected
        }
        #expect(inOrder == 500)
        await again.close()
    }

    @Test("Results come back on the caller's loop")
    func loopDelivery() async throws {
        let database = try self.open()
        let loop = EventLoop(name: "test")
        loop.start()
        let onLoop = await withCheckedContinuation { continuation in
            database.write(
                on: loop,
                { (connection: SQLiteConnection) throws(SQLiteFault) in
                    try connection.number("SELECT 7")
                },
                finished: { continuation.resume(returning: loop.isCurrent && (try? $0.get()) == 7) }
            )
        }
        #expect(onLoop)
        await database.close()
        await loop.stop()
    }

    @Test("A full disk fails the writes that do not fit, keeps what is there, and is over when there is room")
    func full() async throws {
        let database = try self.open()
        try await self.insert(1, into: database)
        let pages = try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            let pages = try connection.number("PRAGMA page_count")
            _ = try connection.number("PRAGMA max_page_count = \(pages + 2)")
            return pages
        }
        let kinds = await withTaskGroup(of: SQLiteFault.Kind?.self) { group in
            for number in 10..<60 {
                group.addTask {
                    do throws(SQLiteFault) {
                        try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
                            try connection.execute(
                                "INSERT INTO t VALUES (?, zeroblob(20000))",
                                .integer(Int64(number))
                            )
                        }
                        return nil
                    } catch { return error.kind }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds.count == 50)
        #expect(kinds.allSatisfy { $0 == .full })
        #expect(try await self.count(database) == 1)
        try await self.insert(2, into: database)
        _ = try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.number("PRAGMA max_page_count = \(pages + 10_000)")
        }
        for number in 10..<60 { try await self.insert(Int64(number), into: database) }
        #expect(try await self.count(database) == 52)
        let faults = try await database.read { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.integrityFaults()
        }
        #expect(faults.isEmpty)
        await database.close()
    }

    @Test("More waiting work than allowed is refused, not kept")
    func overload() async throws {
        let database = try self.open(pendingLimit: 2)
        let refused = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do throws(SQLiteFault) {
                        try await self.insert(Int64(number), into: database)
                        return false
                    } catch { return error.kind == .busy }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(try await self.count(database) == 200 - Int64(refused))
        await database.close()
    }

    @Test("A closed store refuses")
    func closed() async throws {
        let database = try self.open()
        await database.close()
        await database.close()
        await #expect { try await self.insert(1, into: database) } throws: { ($0 as? SQLiteFault)?.kind == .closed }
    }

    @Test("A file of another program, of a newer version, or no database at all is refused and left alone")
    func foreign() async throws {
        let other = SQLiteMigrations(applicationID: 5, steps: ["CREATE TABLE o (n)"])
        await (try SQLiteDatabase(.file(self.folder.file("o.db")), migrations: other)).close()
        #expect { try self.open("o.db") } throws: { ($0 as? SQLiteFault)?.kind == .corrupt }
        let newer = SQLiteMigrations(applicationID: 77, steps: self.migrations.steps + ["CREATE TABLE u (n)"])
        await (try SQLiteDatabase(.file(self.folder.file("n.db")), migrations: newer)).close()
        #expect { try self.open("n.db") } throws: { ($0 as? SQLiteFault)?.kind == .corrupt }
        let text = String(repeating: "this is no database\n", count: 200)
        try text.write(toFile: self.folder.file("x.db"), atomically: true, encoding: .utf8)
        #expect { try self.open("x.db") } throws: { ($0 as? SQLiteFault)?.kind == .corrupt }
        #expect(try String(contentsOfFile: self.folder.file("x.db"), encoding: .utf8) == text)
        #expect { try self.open("no/such/folder.db") } throws: { ($0 as? SQLiteFault)?.kind == .cannotOpen }
    }

    @Test("An older file is brought up to date, all or nothing")
    func migration() async throws {
        let first = try self.open()
        try await self.insert(1, into: first)
        await first.close()
        let broken = SQLiteMigrations(
            applicationID: 77,
            steps: self.migrations.steps + ["CREATE TABLE u (n); NONSENSE"]
        )
        let file = SQLiteLocation.file(self.folder.file("a.db"))
        #expect(throws: SQLiteFault.self) { try SQLiteDatabase(file, migrations: broken) }
        let good = SQLiteMigrations(applicationID: 77, steps: self.migrations.steps + ["CREATE TABLE u (n)"])
        let database = try SQLiteDatabase(file, migrations: good)
        #expect(try await self.count(database) == 1)
        await database.close()
    }

    @Test("A backup of a database in use is whole, and a long read holds nobody up")
    func backup() async throws {
        let database = try self.open()
        for number in 0..<50 { try await self.insert(Int64(number), into: database) }
        let copy = self.folder.file("copy.db")
        try await database.readAtLength { (connection: SQLiteConnection) throws(SQLiteFault) in
            try connection.backup(to: copy)
        }
        try await self.insert(100, into: database)
        let restored = try SQLiteDatabase(.file(copy), migrations: self.migrations)
        #expect(try await self.count(restored) == 50)
        await restored.close()
        await #expect(throws: SQLiteFault.self) {
            try await database.readAtLength { (connection: SQLiteConnection) throws(SQLiteFault) in
                try connection.execute("INSERT INTO t VALUES (1000, NULL)")
            }
        }
        await database.close()
    }
}
