/// What a message is.
public enum MessageKind: String, Codable, Sendable, Hashable, CaseIterable {
    /// Somebody says something.
    case text
    /// Somebody does something: `/me waves`.
    case action
    /// The server tells something.
    case notice
}
