internal import Glibc

/// Files for this user's eyes only, never half written.
enum PrivateFile {
    /// Replaces a file in one step; makes its folders.
    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard Self.makeFolder(of: path) else { return false }
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        fchmod(descriptor, 0o600)
        let isWritten = FileDescriptor.writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
        close(descriptor)
        if isWritten, rename(temporary, path) == 0 { return true }
        unlink(temporary)
        return false
    }

    /// Adds to a file.
    static func append(_ bytes: [UInt8], to path: String) -> Bool {
        guard Self.makeFolder(of: path) else { return false }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return FileDescriptor.writeAll(bytes, to: descriptor)
    }

    /// The bytes of a file, or `nil` when it cannot be read or has more than `limit`.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            switch FileDescriptor.read(descriptor) {
            case .bytes(let more): bytes.append(contentsOf: more)
            case .nothing: return nil
            case .ended: return bytes
            }
            if bytes.count > limit { return nil }
        }
    }

    /// Takes a file away, if it is there.
    static func remove(_ path: String) { unlink(path) }

    /// Makes the folders above a file.
    static func makeFolder(of path: String) -> Bool {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return true }
        let folder = String(path[..<slash])
        var info = stat()
        if stat(folder, &info) == 0 { return true }
        return Self.makeFolder(of: folder) && (mkdir(folder, 0o700) == 0 || errno == EEXIST)
    }
}
