import PondCore

extension PresenceState {
    /// Gives effect to what another node says of one stay of a user there.
    mutating func apply(_ change: PresenceChange) -> Change {
        let owner = Self.owner(of: change.owner)
        guard let presence = change.presence else { return self.untrack(owner) ?? .none }
        let value = presence.json.object ?? [:]
        if let entry = self.entry(of: owner) {
            // Said again, as by a node to which someone moved.
            if entry.text == presence.bytes { return .none }
            return self.update(owner, value: value, text: presence.bytes) ?? .none
        }
        return self.track(owner, key: change.key, value: value, text: presence.bytes) ?? .none
    }

    /// Remote owners count from the upper half of the numbers; members of this node from the lower.
    static func owner(of remote: RemoteOwner) -> Owner { remote.number | 1 << 63 }
}
