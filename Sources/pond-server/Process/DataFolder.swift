import CPondSys
import Glibc

/// The folder of everything that is kept, held by one process at a time.
final class DataFolder: Sendable {
    let path: String
    private let lock: Int32

    var database: String { "\(self.path)/chat.db" }
    var tokenSecrets: String { "\(self.path)/token.key" }
    var adminSocket: String { Self.adminSocket(in: self.path) }

    static func adminSocket(in path: String) -> String { "\(path)/admin.sock" }

    /// Makes the folder where it is missing, and takes it; says why it cannot be used.
    init(_ path: String) throws(StartFailure) {
        self.path = path
        guard Self.make(path) else {
            throw StartFailure(.dataFolder, "cannot make the data folder \(path): \(Self.lastError)")
        }
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

    private static func text(of descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    static var lastError: String { String(cString: strerror(errno)) }
}
