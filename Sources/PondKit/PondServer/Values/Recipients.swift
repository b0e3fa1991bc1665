/// Who of a channel's members gets a broadcast.
public enum Recipients: Sendable, Hashable {
    /// Every member.
    case all
    /// Every member but the connections of one user.
    case allExcept(String)
    /// The members of these ids; ids of nobody are passed over.
    case users([String])
}
