import Foundation
import PondTesting
import Testing

@testable import PondSQLite

@Suite struct SQLiteHealthTests {
    private func fault(_ kind: SQLiteFault.Kind) -> SQLiteFault { SQLiteFault(kind, message: "test") }

    @Test(arguments: [SQLiteFault.Kind.full, .readOnly, .inputOutput])
    func aFaultOfTheDiskLastsUntilTheNextSuccessOfTheSameKind(_ kind: SQLiteFault.Kind) {
        for isWrite in [true, false] {
            var state = SQLiteHealth.State()
            state.note(self.fault(kind), ofWrite: isWrite)
            state.note(nil, ofWrite: !isWrite)
            #expect(state.fault?.kind == kind)
            state.note(nil, ofWrite: isWrite)
            #expect(state.fault == nil)
        }
    }

    @Test func damageLastsWhateverSucceedsAfterwards() {
        var state = SQLiteHealth.State()
        state.note(self.fault(.corrupt), ofWrite: false)
        state.note(nil, ofWrite: false)
        state.note(nil, ofWrite: true)
        #expect(state.fault?.kind == .corrupt)
    }

    @Test(arguments: [SQLiteFault.Kind.constraint, .misuse, .closed])
    func aRefusedRequestIsNoFaultOfTheDatabase(_ kind: SQLiteFault.Kind) {
        var state = SQLiteHealth.State()
        state.note(self.fault(kind), ofWrite: true)
        #expect(state.fault == nil)
    }

    @Test func aReadOfADamagedFileIsAFaultOfTheDatabase() async throws {
        let folder = TemporaryFolder()
        let path = folder.file("a.db")
        let migrations = SQLiteMigrations(
            applicationID: 77,
            steps: ["CREATE TABLE t (n INTEGER PRIMARY KEY, x BLOB) STRICT"]
        )
        let whole = try SQLiteDatabase(.file(path), migrations: migrations)
        try await whole.write { (connection: SQLiteConnection) throws(SQLiteFault) in
            for number in 0..<200 {
                let bytes = [UInt8](repeating: UInt8(number), count: 1_000)
                try connection.execute("INSERT INTO t VALUES (?, ?)", .integer(Int64(number)), .blob(bytes))
            }
        }
        await whole.close()
        // Every page but the first two becomes noise.
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 8_192)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 8_192))
        try file.close()
        let damaged = try SQLiteDatabase(.file(path), migrations: migrations)
        #expect(damaged.health.fault == nil)
        await #expect(throws: SQLiteFault.self) {
            try await damaged.read { (connection: SQLiteConnection) throws(SQLiteFault) in
                try connection.number("SELECT sum(length(x)) FROM t")
            }
        }
        #expect(damaged.health.fault?.kind == .corrupt)
        await damaged.close()
    }
}
