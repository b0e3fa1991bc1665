import Glibc

/// An IP address, or a network of them: `203.0.113.5`, `203.0.113.0/24`, `2001:db8::/32`.
struct AddressRange: Sendable, Hashable {
    /// The address in network order, with nothing behind the network's bits.
    private let bytes: [UInt8]
    private let bits: Int

    /// `nil` where the text is neither.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard var bytes = Self.bytes(of: String(parts[0])) else { return nil }
        var bits = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...bits).contains(given), parts[1].utf8.allSatisfy({ $0 != 0x2B }) else {
                return nil
            }
            bits = given
        }
        for index in bytes.indices { bytes[index] &= Self.mask(at: index, bits) }
        (self.bytes, self.bits) = (bytes, bits)
    }

    /// Whether an address lies in it.
    func contains(_ address: String) -> Bool {
        guard let bytes = Self.bytes(of: address), bytes.count == self.bytes.count else { return false }
        return zip(bytes, self.bytes).enumerated().allSatisfy { index, pair in
            pair.0 & Self.mask(at: index, self.bits) == pair.1
        }
    }

    private static func mask(at index: Int, _ bits: Int) -> UInt8 {
        let own = min(max(bits - index * 8, 0), 8)
        return own == 0 ? 0 : 0xFF << UInt8(8 - own)
    }

    /// The bytes of an address; those of an IPv4 address that is written as an IPv6 one are its own four.
    private static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }
}

extension AddressRange: CustomStringConvertible {
    var description: String {
        let isFour = self.bytes.count == 4
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = inet_ntop(isFour ? AF_INET : AF_INET6, self.bytes, &text, socklen_t(text.count))
        let address = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        return self.bits == self.bytes.count * 8 ? address : "\(address)/\(self.bits)"
    }
}
