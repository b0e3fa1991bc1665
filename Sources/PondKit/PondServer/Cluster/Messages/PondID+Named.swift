import PondCore

extension PondID {
    /// The UUID that a name always has, and hardly another name.
    package static func uuid(named name: String) -> String {
        let digest = SHA1.digest(name.utf8)
        let words = (0..<2).map { word in
            digest[word * 8..<word * 8 + 8].reduce(0 as UInt64) { $0 << 8 | UInt64(clamping: $1) }
        }
        return Self.uuid(words[0], words[1])
    }
}
