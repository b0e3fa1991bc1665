import Glibc
import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite(.timeLimit(.minutes(1))) struct BackupRestorerTests {
    private let place = TemporaryFolder()
    private let fixture: StoreFixture

    init() throws { self.fixture = try StoreFixture() }

    private func messages(in folder: DataFolder) async throws -> [String] {
        let store = try ChatStore(.file(folder.database))
        let channel = self.fixture.general
        let page = try await store.read { (tables: ChatTables) throws(SQLiteFault) in
            try tables.page(of: channel, at: .latest, count: 100, visible: .all)
        }
        await store.close()
        return page?.messages.map(\.text) ?? []
    }

    /// A folder with messages 1 to `count`, of which a backup was made after the first `saved`.
    private func folder(_ count: Int, saved: Int) async throws -> (DataFolder, backup: String) {
        let folder = try DataFolder(self.place.file("data"))
        let backup = self.place.file("backup.db")
        let store = try ChatStore(.file(folder.database))
        try await self.fixture.fill(store, saved)
        try await store.backup(to: backup)
        try await self.fixture.fill(store, count)
        await store.close()
        return (folder, backup)
    }

    @Test func bringsBackEveryMessageUpToTheBackup() async throws {
        let (folder, backup) = try await self.folder(9, saved: 5)
        for part in ["", "-wal", "-shm"] { unlink(folder.database + part) }
        let outcome = try BackupRestorer(folder: folder).restore(backup, replacing: false)
        #expect(outcome == .init(messages: 5, newest: ChatTime(milliseconds: 5_000), replaced: nil))
        #expect(try await self.messages(in: folder) == (1...5).map { "text \($0)" })
        var status = stat()
        #expect(stat(folder.database, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func keepsTheReplacedDatabaseAndReplacesNoneUnasked() async throws {
        let (folder, backup) = try await self.folder(9, saved: 5)
        #expect(throws: StartFailure.self) {
            try BackupRestorer(folder: folder).restore(backup, replacing: false)
        }
        #expect(try await self.messages(in: folder).count == 9)
        let outcome = try BackupRestorer(folder: folder).restore(backup, replacing: true)
        #expect(outcome.replaced == "\(folder.database).replaced")
        #expect(try await self.messages(in: folder).count == 5)
        let before = try ChatStore(.file("\(folder.database).replaced"))
        #expect(
            try await before.read { (tables: ChatTables) throws(SQLiteFault) in try tables.statistics().messages } == 9
        )
        await before.close()
    }

    @Test func numbersNewBroadcastsUnderAnotherEpoch() async throws {
        let folder = try DataFolder(self.place.file("data"))
        let backup = self.place.file("backup.db")
        let store = try ChatStore(.file(folder.database))
        let key = HistoryKey(endpoint: "/socket", channel: "/lobby/general")
        _ = try await store.write { (tables: ChatTables) throws(SQLiteFault) in
            try tables.follows(key, epoch: "before", upTo: 7)
        }
        try await store.backup(to: backup)
        await store.close()
        for (isShared, isKept) in [(true, true), (false, false)] {
            _ = try BackupRestorer(folder: folder, isShared: isShared).restore(backup, replacing: true)
            let restored = try ChatStore(.file(folder.database))
            let position = await restored.position(in: key)
            #expect((position?.epoch == "before") == isKept)
            #expect(position?.offset == 7)
            await restored.close()
        }
    }

    @Test func refusesWhatIsNoBackupAndLeavesTheFolderAsItWas() async throws {
        let (folder, _) = try await self.folder(3, saved: 2)
        let other = self.place.file("other.db")
        for text in ["", "this is no database at all, this is no database at all"] {
            unlink(other)
            #expect(TextFile.create(other, text))
            #expect(throws: StartFailure.self) { try BackupRestorer(folder: folder).restore(other, replacing: true) }
        }
        #expect(throws: StartFailure.self) {
            try BackupRestorer(folder: folder).restore(self.place.file("missing.db"), replacing: true)
        }
        #expect(try await self.messages(in: folder).count == 3)
        #expect(access("\(folder.database).restoring", F_OK) != 0)
    }
}
