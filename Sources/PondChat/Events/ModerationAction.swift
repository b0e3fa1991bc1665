/// What a moderator does.
public enum ModerationAction: String, Codable, Sendable, Hashable, CaseIterable {
    /// Puts somebody out of the room; they may come back.
    case kick
    /// Keeps somebody out.
    case ban
    case unban
    /// Lets somebody read only.
    case mute
    case unmute
    /// Lets everyone write once in so many seconds only; 0 ends it.
    case slow
    /// Gives somebody a role; for admins.
    case role
}
