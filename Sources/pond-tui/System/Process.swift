internal import Glibc

/// Standard error: for the user before and after the screen, a file while there is one.
enum StandardError {
    static func write(_ text: String) { _ = FileDescriptor.writeAll(Array(text.utf8), to: 2) }

    /// Sends what goes to standard error to a file, so that it does not spoil the screen; gives back the old one.
    static func redirect(to path: String) -> Int32? {
        guard PrivateFile.append([], to: path) else { return nil }
        let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let old = fcntl(2, F_DUPFD_CLOEXEC, 3)
        dup2(file, 2)
        return old
    }

    /// Undoes `redirect`.
    static func restore(_ old: Int32) {
        dup2(old, 2)
        close(old)
    }
}

/// Bytes to standard output, past any buffer.
enum StandardOutput {
    static let descriptor: Int32 = 1

    /// Writes all of a text; gives back `false` when nobody reads any more.
    @discardableResult
    static func write(_ text: String) -> Bool { FileDescriptor.writeAll(Array(text.utf8), to: Self.descriptor) }
}

/// The process's environment; an empty value counts as none.
enum Environment {
    static subscript(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
