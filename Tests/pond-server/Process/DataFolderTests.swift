import Glibc
import PondChat
import PondKit
import PondTesting
import Testing

@testable import pond_server

@Suite struct DataFolderTests {
    private func failure(_ body: () throws(StartFailure) -> Void) -> StartFailure? {
        do throws(StartFailure) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("A folder is made with those above it, belongs to one process at a time, and is free again after it")
    func held() throws {
        let temporary = TemporaryFolder()
        let path = temporary.file("a/b/c")
        var first: DataFolder? = try DataFolder(path)
        let refused = self.failure { () throws(StartFailure) in _ = try DataFolder(path) }
        #expect(refused?.code == .dataFolder && refused?.message.contains("another pond-server (process ") == true)
        #expect(first?.database == "\(path)/chat.db")
        first = nil
        #expect(self.failure { () throws(StartFailure) in _ = try DataFolder(path) } == nil)
    }

    @Test("A folder that cannot be made is refused with its name and why", arguments: ["/dev/null/data", "/proc/pond"])
    func impossible(_ path: String) {
        let refused = self.failure { () throws(StartFailure) in _ = try DataFolder(path) }
        #expect(refused?.code == .dataFolder && refused?.message.contains(path) == true)
    }

    @Test("The secret of tokens is made once, and the same the next time")
    func secret() throws {
        let temporary = TemporaryFolder()
        let folder = try DataFolder(temporary.path)
        let claims = TokenClaims(
            name: try .init("ann"),
            id: "id",
            issued: .init(milliseconds: 0),
            expires: .init(milliseconds: 1_000),
            stay: nil
        )
        let token = try TokenSecrets.signer(in: folder).sign(claims)
        #expect(try TokenSecrets.signer(in: folder).read(token, at: .init(milliseconds: 1)) == claims)
        #expect(throws: TokenSigner.Fault.wrongSignature) {
            try TokenSecrets.signerInMemory().read(token, at: .init(milliseconds: 1))
        }
    }

    @Test("A file of secrets that are too short to be secrets is refused")
    func shortSecret() throws {
        let temporary = TemporaryFolder()
        #expect(TextFile.create(temporary.file("secrets"), "short\n"))
        #expect(!TextFile.create(temporary.file("secrets"), "again\n"))
        let path = temporary.file("secrets")
        #expect(
            self.failure { () throws(StartFailure) in _ = try TokenSecrets.signer(file: path) }?.code == .configuration
        )
        let nowhere = temporary.file("nowhere")
        let missing = self.failure { () throws(StartFailure) in _ = try TokenSecrets.signer(file: nowhere) }
        #expect(missing?.message.contains(nowhere) == true)
    }
}

/// Secrets that are none.
@Suite struct TokenSecretTests {
    private func refusal(_ text: String, mode: mode_t = 0o600) -> String? {
        let temporary = TemporaryFolder()
        let path = temporary.file("secrets")
        guard TextFile.create(path, text), chmod(path, mode) == 0 else { return "no file" }
        do throws(StartFailure) { _ = try TokenSecrets.signer(file: path) } catch { return error.message }
        return nil
    }

    private static let good = "fJ2kq8Zr1vXbN7tYwQ4mLs0pGh6cDe9u"

    @Test(arguments: [
        String(repeating: " ", count: 40), String(repeating: "a", count: 40), String(repeating: "abcd", count: 10),
        good + "\n" + String(repeating: "x", count: 64), "\t" + good.dropFirst() + " ",
    ])
    func refusesASecretThatIsEasilyGuessedOrShort(_ text: String) {
        #expect(self.refusal(text)?.contains("openssl rand") == true)
    }

    @Test(arguments: [0o644, 0o604, 0o660, 0o602] as [mode_t])
    func refusesASecretThatOtherUsersCanReadOrReplace(_ mode: mode_t) {
        #expect(self.refusal(Self.good, mode: mode)?.contains("chmod 600") == true)
    }

    @Test(arguments: [0o600, 0o400, 0o640] as [mode_t])
    func takesAGoodSecretWithSpaceAroundIt(_ mode: mode_t) {
        #expect(self.refusal("# made by openssl\n  \(Self.good) \n\n", mode: mode) == nil)
    }
}

/// What other users of the machine can read.
@Suite struct DataFolderPrivacyTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func refusal(_ path: String) -> StartFailure? {
        do throws(StartFailure) { _ = try DataFolder(path) } catch { return error }
        return nil
    }

    @Test func closesAnEmptyFolderToOtherUsersAndReportsIt() throws {
        let temporary = TemporaryFolder()
        chmod(temporary.path, 0o755)
        let folder = try DataFolder(temporary.path)
        #expect(self.mode(temporary.path) == 0o700)
        #expect(folder.notices.count == 1 && folder.notices.first?.contains("mode 755") == true)
        #expect(self.mode(folder.database) == 0o600)
    }

    @Test func closesTheFilesOfAnEarlierVersionToOtherUsers() throws {
        let temporary = TemporaryFolder()
        for name in ["chat.db", "chat.db-wal", "token.key"] {
            #expect(TextFile.create(temporary.file(name), ""))
            chmod(temporary.file(name), 0o644)
        }
        chmod(temporary.path, 0o750)
        let folder = try DataFolder(temporary.path)
        #expect(folder.notices.count == 4)
        for name in ["chat.db", "chat.db-wal", "token.key"] { #expect(self.mode(temporary.file(name)) == 0o600) }
    }

    @Test func refusesAnOpenFolderWithOtherContentAndSaysTheWayOut() throws {
        let temporary = TemporaryFolder()
        #expect(TextFile.create(temporary.file("holiday.jpg"), ""))
        chmod(temporary.path, 0o755)
        let refused = self.refusal(temporary.path)
        #expect(refused?.code == .dataFolder)
        #expect(refused?.message.contains("chmod 700 \(temporary.path)") == true)
        #expect(self.mode(temporary.path) == 0o755)
    }

    @Test func writesTheDatabaseItsLogAndABackupForItsUserAlone() async throws {
        let temporary = TemporaryFolder()
        let folder = try DataFolder(temporary.path)
        let store = try ChatStore(.file(folder.database))
        let backup = temporary.file("backup.db")
        try await StoreFixture().fill(store, 3)
        try await store.backup(to: backup)
        await #expect(throws: PondError.self) { try await store.backup(to: backup) }
        for path in [folder.database, "\(folder.database)-wal", "\(folder.database)-shm", backup] {
            #expect(self.mode(path) == 0o600, "\(path)")
        }
        await store.close()
    }
}
