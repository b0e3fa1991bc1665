import PondChat

/// Whether the calendar can be believed, by the latest time that the store has seen. Pure.
///
/// What a wrong clock deletes is lost, so after a jump nothing is deleted until the clock is right again or an operator
/// confirms it.
struct PlausibleClock: Sendable, Hashable {
    /// The longest time that a server is expected to be switched off.
    static let longestPause: Duration = .seconds(31 * 86_400)

    /// The latest time that was believed.
    private(set) var latest: ChatTime

    /// Whether `now` can be believed; a believed time is noted.
    mutating func believes(_ now: ChatTime) -> Bool {
        guard now <= self.latest + Self.longestPause else { return false }
        self.latest = max(self.latest, now)
        return true
    }
}
