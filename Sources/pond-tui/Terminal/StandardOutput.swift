internal import Glibc

/// Bytes to standard output, past any buffer.
enum StandardOutput {
    static let descriptor: Int32 = 1

    /// Writes all of a text; gives back `false` when nobody reads any more.
    @discardableResult
    static func write(_ text: String) -> Bool { FileDescriptor.writeAll(Array(text.utf8), to: Self.descriptor) }
}
