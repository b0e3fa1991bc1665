import Foundation
import PondTesting
import Testing

@testable import PondSQLite

@Suite(.timeLimit(.minutes(2))) struct SQLiteCrashTests {
    private static let migrations = SQLiteMigrations(
        applicationID: 78,
        steps: ["CREATE TABLE t (n INTEGER PRIMARY KEY, x BLOB) STRICT"]
    )

    @Test("What was reported as written survives kill -9 at any moment, and the file stays whole", arguments: 0..<5)
    func killed(_ round: Int) async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
            let database = try SQLiteDatabase(.file("\(path)/t.db"), migrations: Self.migrations)
            let report = open("\(path)/report", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            for number in 0..<20_000 {
                database.write(
                    { (connection: SQLiteConnection) throws(SQLiteFault) in
                        try connection.execute("INSERT INTO t VALUES (?, zeroblob(300))", .integer(Int64(number)))
                    },
                    finished: { result in
                        guard case .success = result else { return }
                        let line = Array("\(number)\n".utf8)
                        _ = write(report, line, line.count)
                        if number == 700 + round * 911 { kill(getpid(), SIGKILL) }
                    }
                )
                if number % 64 == 0 { await Task.yield() }
            }
            // However slow the disk is, the moment comes before the end of what was handed over.
            await database.close()
        }
        let reported = try String(contentsOfFile: folder.file("report"), encoding: .utf8).split(separator: "\n")
        #expect(reported.count > 700)
        let database = try SQLiteDatabase(.file(folder.file("t.db")), migrations: Self.migrations)
        let (rows, last, faults) = try await database.read { (connection: SQLiteConnection) throws(SQLiteFault) in
            (
                try connection.number("SELECT count(*) FROM t"), try connection.number("SELECT max(n) FROM t"),
                try connection.integrityFaults()
            )
        }
        #expect(faults.isEmpty)
        #expect(rows == last + 1, "no gap before the last row")
        #expect(rows >= Int64(reported.count), "nothing that was reported is missing")
        await database.close()
    }

    @Test("Where files may grow no further, writes fail and the process lives on")
    func fileSizeLimit() async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let database = try SQLiteDatabase(.file("\(path)/t.db"), migrations: Self.migrations)
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 300_000, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            func insert(_ number: Int) async -> SQLiteFault? {
                do throws(SQLiteFault) {
                    try await database.write { (connection: SQLiteConnection) throws(SQLiteFault) in
                        try connection.execute("INSERT INTO t VALUES (?, zeroblob(3000))", .integer(Int64(number)))
                    }
                    return nil
                } catch { return error }
            }
            var stored = 0
            var refusal: SQLiteFault?
            for number in 0..<1_000 {
                refusal = await insert(number)
                if refusal != nil { break }
                stored += 1
            }
            guard let refusal, refusal.isTemporary, stored > 5 else { exit(1) }
            limit.rlim_cur = rlim_t.max
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            guard await insert(5_000) == nil else { exit(2) }
            let rows = try await database.read { (connection: SQLiteConnection) throws(SQLiteFault) in
                try connection.integrityFaults().isEmpty ? try connection.number("SELECT count(*) FROM t") : -1
            }
            await database.close()
            exit(rows == stored + 1 ? 0 : 3)
        }
    }
}
