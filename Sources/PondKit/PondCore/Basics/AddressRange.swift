/// An IP address, or a network of them: `203.0.113.5`, `203.0.113.0/24`, `2001:db8::/32`.
package struct AddressRange: Sendable, Hashable {
    /// The address in network order, with nothing behind the network's bits.
    private let bytes: [UInt8]
    private let bits: Int

    /// `nil` where the text is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard var bytes = Self.bytes(of: parts[0]) else { return nil }
        var bits = bytes.count * 8
        if parts.count == 2 {
            // Of an IPv4 address that is written as an IPv6 one, the first 96 bits say only that.
            let spare = bytes.count == 4 && parts[0].utf8.contains(UInt8(ascii: ":")) ? 96 : 0
            guard let given = Self.number(parts[1], digits: 3), (spare...bits + spare).contains(given) else {
                return nil
            }
            bits = given - spare
        }
        for index in bytes.indices { bytes[index] &= Self.mask(at: index, bits) }
        (self.bytes, self.bits) = (bytes, bits)
    }

    /// Whether an address lies in it.
    package func contains(_ address: String) -> Bool {
        guard let bytes = Self.bytes(of: address[...]), bytes.count == self.bytes.count else { return false }
        return bytes.indices.allSatisfy { bytes[$0] & Self.mask(at: $0, self.bits) == self.bytes[$0] }
    }

    /// What the limits of one address count under: an IPv4 address itself, and of an IPv6 address its network of 64
    /// bits, for whoever has one such address has the whole network.
    package static func limitKey(of address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")), let bytes = Self.bytes(of: address[...]) else { return address }
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        return AddressRange("\(address)/64")?.description ?? address
    }

    private static func mask(at index: Int, _ bits: Int) -> UInt8 {
        let own = min(max(bits - index * 8, 0), 8)
        return own == 0 ? 0 : 0xFF << UInt8(8 - own)
    }

    // Reading

    /// The bytes of an address; those of an IPv4 address that is written as an IPv6 one are its own four.
    private static func bytes(of text: Substring) -> [UInt8]? {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return Self.four(text) }
        guard let bytes = Self.sixteen(text) else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }

    private static func four(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let number = Self.number(part, digits: 3), let byte = UInt8(exactly: number) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func sixteen(_ text: Substring) -> [UInt8]? {
        // At most one `::` stands for as many zeros as are missing.
        guard let gap = Self.gap(in: text) else {
            return Self.groups(text, isEnd: true).flatMap { $0.count == 16 ? $0 : nil }
        }
        guard let before = Self.groups(text[..<gap.lowerBound], isEnd: false),
            let after = Self.groups(text[gap.upperBound...], isEnd: true),
            before.count + after.count < 16
        else { return nil }
        return before + [UInt8](repeating: 0, count: 16 - before.count - after.count) + after
    }

    private static func gap(in text: Substring) -> Range<Substring.Index>? {
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if next < text.endIndex, text[index] == ":", text[next] == ":" { return index..<text.index(after: next) }
            index = next
        }
        return nil
    }

    /// The bytes of groups; the end of an address may be written as an IPv4 one.
    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let four = Self.four(part) {
                bytes += four
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return bytes.count <= 16 ? bytes : nil
    }

    /// A decimal number without a sign or zeros in front.
    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard (1...digits).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.utf8.count == 1 || text.utf8.first != 0x30
        else { return nil }
        return Int(text)
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String {
        let address = self.bytes.count == 4 ? self.bytes.map { String($0) }.joined(separator: ".") : self.groupText
        return self.bits == self.bytes.count * 8 ? address : "\(address)/\(self.bits)"
    }

    /// The groups of an IPv6 address, with `::` for the longest run of zeros.
    private var groupText: String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(self.bytes[$0]) << 8 | UInt16(self.bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start > max(1, longest.count) { longest = start..<end }
            start = end + 1
        }
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }
}
