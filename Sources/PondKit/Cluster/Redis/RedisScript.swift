/// A Lua script that the server runs as a whole, between any two other commands; known to it by its digest.
package struct RedisScript: Sendable, Hashable {
    let source: String
    /// What the server calls it: the SHA-1 of the source, in hexadecimal.
    let digest: String

    package init(_ source: String) {
        self.source = source
        self.digest = Self.hexadecimal(SHA1.digest(source.utf8))
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int(clamping: $0 >> 4)], digits[Int(clamping: $0 & 15)]] },
            as: UTF8.self
        )
    }
}
