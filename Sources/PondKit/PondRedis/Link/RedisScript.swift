import PondCore

/// A Lua script that the server runs as a whole, between any two other commands; known to it by its digest.
package struct RedisScript: Sendable, Hashable {
    let source: String
    /// What the server calls it: the SHA-1 of the source, in hexadecimal.
    let digest: String

    package init(_ source: String) {
        self.source = source
        self.digest = SHA1.hexadecimal(source.utf8)
    }
}
