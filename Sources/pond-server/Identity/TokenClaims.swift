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
}
