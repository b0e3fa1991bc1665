/// Whom a message between nodes is for.
package enum DistributedRecipients: Sendable, Hashable {
    case allUsers
    /// Everyone but the user the message is from.
    case allExceptSender
    case users([String])
}
