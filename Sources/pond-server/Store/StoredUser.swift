import PondChat

/// What is remembered of a user: those who claimed their name or were given a role.
struct StoredUser: Sendable, Hashable {
    var name: UserName
    /// The hash of the password; `nil` when the name is not claimed.
    var password: String?
    var role: ChatRole
    var created: ChatTime
    var seen: ChatTime
    /// Tokens signed before this are void.
    var tokensFrom: ChatTime
    /// The person whom the password makes the owner of the name.
    var owner: NameOwner
}
