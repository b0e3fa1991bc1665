import Glibc
import PondChat
import PondKit

/// Replaces the database of a data folder that no server uses with a backup.
struct BackupRestorer {
    /// What the restored database holds.
    struct Outcome: Sendable, Hashable {
        var messages: Int
        /// When the newest message was said; `nil` without messages.
        var newest: ChatTime?
        /// Where the replaced database is; `nil` where there was none.
        var replaced: String?
    }

    let folder: DataFolder
    /// Whether Redis numbers the broadcasts, so that the numbers in the backup still hold.
    var isShared = false

    private var copy: String { "\(self.folder.database).restoring" }
    private static let parts = ["", "-wal", "-shm"]

    /// Checks a copy of the backup and renames it into place, so that a failure leaves everything as it was.
    func restore(_ backup: String, replacing: Bool) throws(StartFailure) -> Outcome {
        guard replacing || !self.isInUse else {
            throw StartFailure(
                .dataFolder,
                "\(self.folder.path) already holds a database: add --replace, which keeps it as chat.db.replaced"
            )
        }
        self.removeCopy()
        defer { self.removeCopy() }
        try self.copyFile(backup)
        var outcome: Outcome
        do throws(SQLiteFault) {
            outcome = try self.prepare()
        } catch {
            throw StartFailure(.failed, "\(backup) is not restored: \(error.message)")
        }
        if self.isInUse {
            for part in Self.parts {
                let old = "\(self.folder.database).replaced\(part)"
                unlink(old)
                guard rename(self.folder.database + part, old) == 0 || errno == ENOENT else { throw self.failure(old) }
            }
            outcome.replaced = "\(self.folder.database).replaced"
        } else {
            for part in Self.parts.dropFirst() { unlink(self.folder.database + part) }
        }
        guard rename(self.copy, self.folder.database) == 0, self.syncFolder() else {
            throw self.failure(self.folder.database)
        }
        return outcome
    }

    /// Whether the folder holds a database that is more than an empty file.
    private var isInUse: Bool {
        var status = stat()
        return stat(self.folder.database, &status) == 0 && status.st_size > 0
    }

    private func removeCopy() { for part in Self.parts { unlink(self.copy + part) } }

    private func copyFile(_ backup: String) throws(StartFailure) {
        let source = open(backup, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw self.failure(backup) }
        defer { close(source) }
        let target = open(self.copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw self.failure(self.copy) }
        defer { close(target) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw self.failure(backup) }
            if count == 0 { return }
            var done = 0
            while done < count {
                let written = buffer[done..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                guard written > 0 else { throw self.failure(self.copy) }
                done += written
            }
        }
    }

    /// Checks the copy, brings it up to date and counts what it holds.
    private func prepare() throws(SQLiteFault) -> Outcome {
        let connection = try SQLiteConnection(.file(self.copy))
        guard try connection.number("SELECT count(*) FROM sqlite_schema") > 0 else {
            throw SQLiteFault(.corrupt, message: "the file is empty")
        }
        try ChatSchema.migrations.apply(to: connection)
        if let damage = try connection.integrityFaults().first {
            throw SQLiteFault(.corrupt, message: "the file is damaged: \(damage)")
        }
        if !self.isShared {
            // After the backup, clients may have received broadcasts under numbers that are given again now.
            try connection.transaction { () throws(SQLiteFault) in
                try connection.execute("UPDATE epochs SET seed = lower(hex(randomblob(16)))")
                try connection.execute("UPDATE streams SET epoch = lower(hex(randomblob(12)))")
            }
        }
        let messages = try ChatTables(connection).statistics().messages
        let newest = try connection.first("SELECT max(at) FROM messages") {
            $0.isNull(0) ? nil : ChatTime(milliseconds: $0.integer(0))
        }
        guard try connection.truncateLog() else { throw SQLiteFault(.busy, message: "its log cannot be emptied") }
        return Outcome(messages: messages, newest: newest ?? nil)
    }

    private func syncFolder() -> Bool {
        let descriptor = open(self.folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private func failure(_ path: String) -> StartFailure {
        StartFailure(.dataFolder, "cannot restore, \(path): \(DataFolder.lastError)")
    }
}
