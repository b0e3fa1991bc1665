import PondCore

/// Tells a peer's own address from those of the proxies that passed its request on.
struct TrustedProxies: Sendable {
    /// Names that are no addresses, such as those of peers on a Unix socket.
    private let names: Set<String>
    private let ranges: [AddressRange]

    init(_ entries: [String]) {
        self.ranges = entries.compactMap(AddressRange.init)
        self.names = Set(entries.filter { AddressRange($0) == nil })
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
        self.names.contains(address) || self.ranges.contains { $0.contains(address) }
    }

    private static func bare(_ hop: Substring) -> String {
        let trimmed = hop.drop { $0 == " " }
        return String(trimmed.prefix { $0 != " " })
    }
}
