import PondChat

/// What a token says, once its signature was found to be ours.
struct TokenClaims: Sendable, Hashable {
    /// Whose token it is.
    var name: UserName
    /// The token's own id, by which it can be made void.
    var id: String
    var issued: ChatTime
    var expires: ChatTime
    /// What the token gives its owner, at least.
    var role: ChatRole?
    /// The stay during which a name without a password was given away; `nil` for names with one.
    var stay: String?

    /// Whether a token was made in the time during which a user's tokens hold: not before `start`, the last moment at
    /// which they were made void, and not in the future, where no revocation would reach it. A `start` in the future,
    /// set while the clock was ahead, is a moment at which tokens may be made.
    func isIssued(from start: ChatTime?, upTo now: ChatTime) -> Bool {
        guard let start else { return self.issued <= now + .seconds(60) }
        return self.issued >= start && self.issued <= max(now + .seconds(60), start)
    }
}
