/// The ids of the latest broadcasts that came without the number that they will have, and of the latest that came with it.
///
/// A server that cannot reach the store of its numbers shows its members what is said there at once. The same comes
/// again with a number to those who recover it, and without one to those who join again before; and what was said again
/// on another server may be seen there with its number first.
struct EarlyBroadcasts: Sendable, Hashable {
    private var without = RecentIDs(limit: 2_048)
    private var with = RecentIDs(limit: 256)

    var count: Int { self.without.count + self.with.count }

    /// A broadcast came without a number; says whether it is new.
    mutating func cameWithout(number requestId: String) -> Bool {
        guard !requestId.isEmpty else { return true }
        return !self.with.contains(requestId) && self.without.add(requestId)
    }

    /// A broadcast came with its number; says whether it had come without.
    ///
    /// It is remembered on: the numbering may begin anew before everybody has it.
    mutating func came(number requestId: String) -> Bool {
        _ = self.with.add(requestId)
        return self.without.contains(requestId)
    }
}
