import PondChat
import PondKit

/// The bans and mutes that hold now, of users and of addresses, and the addresses that were refused lately.
final class ChatSanctions: Sendable {
    private struct State {
        var users = SanctionTable()
        var addresses = AddressBanTable()
        var refused = AttemptTable(rate: 2, capacity: 40)
    }

    private let state = Lock(State())
    private let clock: ChatClock

    init(clock: ChatClock) { self.clock = clock }

    /// Takes what was stored.
    func begin(_ sanctions: [Sanction], _ bans: [AddressBan]) {
        self.state.withLock { state in
            state.users = SanctionTable(sanctions)
            state.addresses = AddressBanTable(bans)
        }
    }

    // Queries

    /// The bans and mutes that hold, the oldest first.
    var users: [Sanction] {
        let now = self.clock.calendar()
        return self.state.withLock { $0.users.all(at: now) }
    }

    /// The bans of addresses that hold, the oldest first.
    var addresses: [AddressBan] {
        let now = self.clock.calendar()
        return self.state.withLock { $0.addresses.all(at: now) }
    }

    func isMuted(_ user: UserName, in channel: ChatChannel?) -> Bool {
        let now = self.clock.calendar()
        return self.state.withLock { $0.users.holding(.mute, on: user, in: channel, at: now) } != nil
    }

    /// Throws where a user is banned from a channel, or from the server where none is named.
    func checkBan(of user: UserName, in channel: ChatChannel? = nil) throws(PondError) {
        let now = self.clock.calendar()
        guard let ban = self.state.withLock({ $0.users.holding(.ban, on: user, in: channel, at: now) }) else { return }
        throw ChatError.banned(until: ban.until, reason: ban.reason)
    }

    /// Throws where the user or the address of a session is banned from the server.
    func checkBans(of session: ChatSession) throws(PondError) {
        try self.checkBan(of: session.name)
        let now = self.clock.calendar()
        if let ban = self.state.withLock({ $0.addresses.holding(session.address, at: now) }) {
            throw ChatError.banned(until: ban.until, reason: ban.reason)
        }
    }

    /// Throws where an address is banned, or was refused too often lately.
    func check(address: String) throws(PondError) {
        let (now, steady) = (self.clock.calendar(), self.clock.steady())
        let (ban, wait) = self.state.withLock { state in
            (
                state.addresses.holding(address, at: now),
                state.refused.wait(AddressRange.limitKey(of: address), now: steady)
            )
        }
        if let ban { throw ChatError.banned(until: ban.until, reason: ban.reason) }
        if let wait { throw .rateLimited("too many attempts from this address", retryAfter: wait) }
    }

    /// Throws where a user may not write in a channel.
    func check(_ session: ChatSession, mayWriteIn channel: ChatChannel) throws(PondError) {
        // A user who is being evicted may have sent something before.
        try self.checkBan(of: session.name, in: channel)
        let now = self.clock.calendar()
        guard let mute = self.state.withLock({ $0.users.holding(.mute, on: session.name, in: channel, at: now) })
        else { return }
        throw ChatError.muted(secondsLeft: mute.until.map { $0.since(now).inSeconds })
    }

    // Changes

    func impose(_ sanction: Sanction) { self.state.withLock { $0.users.impose(sanction) } }

    func lift(_ kind: Sanction.Kind, of user: UserName, in channel: ChatChannel?) {
        self.state.withLock { $0.users.lift(kind, of: user, in: channel) }
    }

    func impose(_ ban: AddressBan) { self.state.withLock { $0.addresses.impose(ban) } }

    func lift(_ range: AddressRange) { self.state.withLock { $0.addresses.lift(range) } }

    /// A connection of an address was refused.
    func refused(_ address: String) {
        let now = self.clock.steady()
        self.state.withLock { $0.refused.failed(AddressRange.limitKey(of: address), now: now) }
    }

    /// Removes what has ended.
    func sweep() {
        let now = self.clock.calendar()
        self.state.withLock { state in
            state.users.sweep(at: now)
            state.addresses.sweep(at: now)
        }
    }
}
