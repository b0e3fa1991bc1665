import PondChat

/// The bans and mutes that hold. Pure.
struct SanctionTable: Sendable {
    private struct Place: Hashable {
        var kind: Sanction.Kind
        var channel: ChatChannel?
        var user: UserName
    }

    private var sanctions: [Place: Sanction] = [:]

    init(_ sanctions: [Sanction] = []) { for sanction in sanctions { self.impose(sanction) } }

    mutating func impose(_ sanction: Sanction) {
        self.sanctions[Place(kind: sanction.kind, channel: sanction.channel, user: sanction.user)] = sanction
    }

    mutating func lift(_ kind: Sanction.Kind, of user: UserName, in channel: ChatChannel?) {
        self.sanctions[Place(kind: kind, channel: channel, user: user)] = nil
    }

    /// The sanction that keeps a user from a channel or from writing there, be it meant for all channels.
    func holding(_ kind: Sanction.Kind, on user: UserName, in channel: ChatChannel?, at now: ChatTime) -> Sanction? {
        let places = [Place(kind: kind, channel: nil, user: user), Place(kind: kind, channel: channel, user: user)]
        return places.lazy.compactMap { self.sanctions[$0] }.first { $0.holds(at: now) }
    }

    /// Forgets what ended.
    mutating func sweep(at now: ChatTime) { self.sanctions = self.sanctions.filter { $0.value.holds(at: now) } }

    /// Everything that holds, the oldest first.
    func all(at now: ChatTime) -> [Sanction] {
        self.sanctions.values.filter { $0.holds(at: now) }.sorted { $0.at < $1.at }
    }
}
