/// What a history can give to someone who knows a channel up to a position: all that was missed, or nothing.
public enum RecoveryDecision: Sendable, Hashable {
    /// Every broadcast after the position, in order; those that are not for the member too.
    case whole([StoredBroadcast])
    /// The numbering is another one, the position lies ahead of it, or what came after it is forgotten.
    case impossible
}
