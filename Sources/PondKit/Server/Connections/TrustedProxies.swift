/// Tells a peer's own address from those of the proxies that passed its request on.
struct TrustedProxies: Sendable {
    private var exact: Set<String> = []
    private var networks: [(address: UInt32, mask: UInt32)] = []

    init(_ entries: [String]) {
        for entry in entries {
            let parts = entry.split(separator: "/", maxSplits: 1)
            if parts.count == 2, let address = Self.number(parts[0]), let bits = UInt32(parts[1]), bits <= 32 {
                let mask = bits == 0 ? 0 : UInt32.max << (32 - bits)
                self.networks.append((address & mask, mask))
            } else {
                self.exact.insert(entry)
            }
        }
    }

    /// The last address, counted from the server, that is no trusted proxy.
    func address(of peer: String, forwardedFor values: [String]) -> String {
        guard self.trusts(peer) else { return peer }
        var nearest = peer
        for value in values.reversed() {
            for hop in value.split(separator: ",").reversed() {
                let address = Self.bare(hop)
                guard !address.isEmpty, address.utf8.count <= 64 else { return nearest }
                nearest = address
                if !self.trusts(address) { return address }
            }
        }
        return nearest
    }

    private func trusts(_ address: String) -> Bool {
        if self.exact.contains(address) { return true }
        guard !self.networks.isEmpty, let number = Self.number(address[...]) else { return false }
        return self.networks.contains { number & $0.mask == $0.address }
    }

    private static func bare(_ hop: Substring) -> String {
        let trimmed = hop.drop { $0 == " " }
        return String(trimmed.prefix { $0 != " " })
    }

    private static func number(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }
}
