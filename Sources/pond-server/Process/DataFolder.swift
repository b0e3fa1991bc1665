import CPondSys
import Glibc

/// The folder of everything that is kept: readable by its owner alone, and held by one process at a time.
final class DataFolder: Sendable {
    let path: String
    /// What had to be made private when the folder was opened; for the log.
    let notices: [String]
    private let lock: Int32

    var database: String { "\(self.path)/chat.db" }
    var tokenSecrets: String { "\(self.path)/token.key" }
    var adminSocket: String { Self.adminSocket(in: self.path) }

    static func adminSocket(in path: String) -> String { "\(path)/admin.sock" }

    /// Makes the folder where it is missing, closes it to other users, and takes it; says why it cannot be used.
    init(_ path: String) throws(StartFailure) {
        self.path = path
        guard Self.make(path) else {
            throw StartFailure(.dataFolder, "cannot make the data folder \(path): \(Self.lastError)")
        }
        var notices = try Self.makePrivate(folder: path)
        for name in Self.privateFiles { notices += try Self.makePrivate(file: "\(path)/\(name)") }
        self.notices = notices
        try Self.createDatabaseFile("\(path)/chat.db")
        let file = "\(path)/lock"
        self.lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.lock >= 0 else {
            throw StartFailure(.dataFolder, "cannot write in the data folder \(path): \(Self.lastError)")
        }
        guard flock(self.lock, LOCK_EX | LOCK_NB) == 0 else {
            let owner = Self.text(of: self.lock).map { " (process \($0))" } ?? ""
            close(self.lock)
            throw StartFailure(.dataFolder, "another pond-server\(owner) uses the data folder \(path)")
        }
        let identity = Array("\(getpid())".utf8)
        guard ftruncate(self.lock, 0) == 0, pwrite(self.lock, identity, identity.count, 0) == identity.count else {
            let reason = Self.lastError
            close(self.lock)
            throw StartFailure(.dataFolder, "cannot write in the data folder \(path): \(reason)")
        }
    }

    deinit { close(self.lock) }

    /// Makes a folder and those above it, for the owner alone.
    private static func make(_ path: String) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        if errno == EEXIST { return true }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return false }
        return Self.make(String(path[..<slash])) && (mkdir(path, 0o700) == 0 || errno == EEXIST)
    }

    /// Everything in the folder that other users must not read.
    private static let privateFiles = ["chat.db", "chat.db-wal", "chat.db-shm", "token.key", "lock"]

    /// Closes a folder to other users where it is plainly ours, and refuses it with the way out where it is not.
    private static func makePrivate(folder path: String) throws(StartFailure) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw StartFailure(.dataFolder, "cannot use the data folder \(path): \(Self.lastError)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StartFailure(.dataFolder, "the data folder \(path) is not a folder; choose another one")
        }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 != 0 else { return [] }
        let octal = String(mode, radix: 8)
        // The mode of a folder with other content, such as /tmp or a home, is not ours to change.
        guard status.st_uid == geteuid(), mode & S_ISVTX == 0, Self.isOurs(path), chmod(path, 0o700) == 0 else {
            throw StartFailure(
                .dataFolder,
                "other users can read the data folder \(path) (mode \(octal)): run `chmod 700 \(path)`, "
                    + "or choose a folder of its own"
            )
        }
        return ["the data folder \(path) was open to other users (mode \(octal)); its mode is 700 now"]
    }

    /// Whether a folder is empty or holds a server's data.
    private static func isOurs(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        defer { closedir(folder) }
        var isEmpty = true
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "chat.db" || name == "lock" { return true }
            if name != ".", name != ".." { isEmpty = false }
        }
        return isEmpty
    }

    private static func makePrivate(file path: String) throws(StartFailure) -> [String] {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 else {
            return []
        }
        let octal = String(status.st_mode & 0o7777, radix: 8)
        guard chmod(path, 0o600) == 0 else {
            throw StartFailure(
                .dataFolder,
                "other users can read \(path) (mode \(octal)): run `chmod 600 \(path)` as its owner"
            )
        }
        return ["\(path) was open to other users (mode \(octal)); its mode is 600 now"]
    }

    /// SQLite gives its log and index the mode of the database, and makes that one readable to all.
    private static func createDatabaseFile(_ path: String) throws(StartFailure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StartFailure(.dataFolder, "cannot write \(path): \(Self.lastError)") }
        close(descriptor)
    }

    private static func text(of descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    static var lastError: String { String(cString: strerror(errno)) }
}
