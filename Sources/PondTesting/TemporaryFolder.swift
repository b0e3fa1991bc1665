import Glibc

/// A folder of a test's own, gone with it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        var template = Array("\(Self.place)/pond-XXXXXX".utf8CString)
        self.path = template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, let made = mkdtemp(base) else { return Self.place }
            return String(cString: made)
        }
    }

    deinit {
        if self.path != Self.place { Self.delete(self.path) }
    }

    package func file(_ name: String) -> String { "\(self.path)/\(name)" }

    private static var place: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    private static func delete(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { Self.delete("\(path)/\(name)") }
            }
            closedir(folder)
        }
        remove(path)
    }
}
