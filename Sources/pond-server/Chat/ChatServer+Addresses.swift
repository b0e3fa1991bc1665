import PondChat
import PondKit

/// Keeping addresses out, whatever names they come with.
extension ChatServer {
    /// Bans addresses, and closes every connection that came from them.
    func impose(_ ban: AddressBan) async throws(PondError) {
        try await self.make { _ in .impose(ban) }
    }

    /// Lets nobody in from addresses that are banned, and closes every connection that came from them.
    func keepOut(_ ban: AddressBan) {
        let connections = self.state.withLock { state in
            state.addressBans.impose(ban)
            return state.sessions.values.filter { ban.range.contains($0.address) }.compactMap(\.connectionID)
        }
        for connection in connections {
            self.pond.close(connectionId: connection, code: 4003, reason: ban.reason ?? "banned")
        }
    }

    /// Ends a ban of addresses; `false` when there was none.
    func lift(_ range: AddressRange) async throws(PondError) -> Bool {
        let made = try await self.make { (tables: ChatTables) throws(SQLiteFault) in
            try tables.lift(range) ? SharedChange(unbanned: range.description) : nil
        }
        return made != nil
    }

    /// Throws where nobody may come from an address, or only later.
    func check(address: String) throws(PondError) {
        let (now, steady) = (self.clock.calendar(), self.clock.steady())
        let (ban, wait) = self.state.withLock { state in
            (
                state.addressBans.holding(address, at: now),
                state.refused.wait(AddressRange.limitKey(of: address), now: steady)
            )
        }
        if let ban { throw ChatError.banned(until: ban.until, reason: ban.reason) }
        if let wait { throw .rateLimited("too many attempts from this address", retryAfter: wait) }
    }
}
