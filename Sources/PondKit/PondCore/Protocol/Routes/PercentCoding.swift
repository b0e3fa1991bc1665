/// The percent-decoding of paths and queries; a `%` that begins no escape stands for itself.
package enum PercentCoding {
    /// The bytes that escaped bytes stand for.
    static func bytes(_ escaped: some Collection<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(escaped.count)
        var index = escaped.startIndex
        while index < escaped.endIndex {
            let byte = escaped[index]
            index = escaped.index(after: index)
            if byte == 0x2B, plusIsSpace {
                decoded.append(0x20)
            } else if byte == 0x25, let value = Self.hexPair(escaped[index...]) {
                decoded.append(value)
                index = escaped.index(index, offsetBy: 2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// The text that escaped bytes stand for; what is no UTF-8 becomes U+FFFD.
    static func decode(_ escaped: some Collection<UInt8>, plusIsSpace: Bool = false) -> String {
        String(decoding: Self.bytes(escaped, plusIsSpace: plusIsSpace), as: UTF8.self)
    }

    /// The names and values of a query, without its `?`.
    package static func query(_ query: some Collection<UInt8>) -> [String: [String]] {
        var values: [String: [String]] = [:]
        for pair in query.split(separator: 0x26) {
            let equals = pair.firstIndex(of: 0x3D)
            let name = Self.decode(pair[..<(equals ?? pair.endIndex)], plusIsSpace: true)
            let value = equals.map { Self.decode(pair[pair.index(after: $0)...], plusIsSpace: true) } ?? ""
            values[name, default: []].append(value)
        }
        return values
    }

    /// Whether a query can have values of a name of plain letters; true also where it only looks so.
    package static func mayContain(_ name: String, in query: String) -> Bool {
        var query = query
        return query.withUTF8 { bytes in
            if bytes.contains(0x25) { return true }
            return bytes.indices.contains { index in
                (index == 0 || bytes[index - 1] == 0x26) && bytes[index...].starts(with: name.utf8)
            }
        }
    }

    private static func hexPair(_ digits: some Collection<UInt8>) -> UInt8? {
        var pair = digits.prefix(2).makeIterator()
        guard let first = pair.next().flatMap(JSONCursor.hexDigit) else { return nil }
        guard let second = pair.next().flatMap(JSONCursor.hexDigit) else { return nil }
        return first << 4 | second
    }
}
