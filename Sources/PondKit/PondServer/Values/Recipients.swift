/// The members of a channel that receive a broadcast.
public enum Recipients: Sendable, Hashable {
    /// Every member.
    case all
    /// Every member but the connections of one user.
    case allExcept(String)
    /// The members with these user ids; ids without a member are ignored.
    case users([String])
}
