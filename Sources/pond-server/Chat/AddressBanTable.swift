import PondChat
import PondKit

/// The bans of addresses that hold. Pure.
struct AddressBanTable: Sendable {
    private var bans: [AddressRange: AddressBan] = [:]

    init(_ bans: [AddressBan] = []) { for ban in bans { self.impose(ban) } }

    mutating func impose(_ ban: AddressBan) { self.bans[ban.range] = ban }

    mutating func lift(_ range: AddressRange) { self.bans[range] = nil }

    /// The ban that keeps an address out.
    func holding(_ address: String, at now: ChatTime) -> AddressBan? {
        guard !self.bans.isEmpty else { return nil }
        return self.bans.values.first { $0.holds(at: now) && $0.range.contains(address) }
    }

    /// Forgets what ended.
    mutating func sweep(at now: ChatTime) { self.bans = self.bans.filter { $0.value.holds(at: now) } }

    /// Everything that holds, the oldest first.
    func all(at now: ChatTime) -> [AddressBan] {
        self.bans.values.filter { $0.holds(at: now) }.sorted { $0.at < $1.at }
    }
}
