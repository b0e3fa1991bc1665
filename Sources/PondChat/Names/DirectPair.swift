public import PondKit

/// The two users of a direct conversation, in an order that does not depend on who asks.
public struct DirectPair: Sendable, Hashable {
    /// The one whose key sorts first.
    public let first: UserName
    /// The other one.
    public let second: UserName

    /// The conversation of two different users.
    public init(_ one: UserName, _ other: UserName) throws(PondError) {
        guard one != other else { throw .badRequest("a direct conversation needs two different users") }
        (self.first, self.second) = one < other ? (one, other) : (other, one)
    }

    /// The conversation of this name, when it is one in its canonical spelling.
    public init?(name: String) {
        let parts = name.split(separator: "~", omittingEmptySubsequences: false)
        guard parts.count == 2, let one = try? UserName(String(parts[0])), let other = try? UserName(String(parts[1])),
            one < other
        else { return nil }
        (self.first, self.second) = (one, other)
        guard self.name.utf8.elementsEqual(name.utf8) else { return nil }
    }

    /// The name of the conversation: both keys, joined by `~`, which no name may hold.
    public var name: String { "\(self.first.key)~\(self.second.key)" }

    /// Whether the user is one of the two.
    public func contains(_ user: UserName) -> Bool { user == self.first || user == self.second }

    /// The one who is not `user`.
    public func partner(of user: UserName) -> UserName { user == self.first ? self.second : self.first }
}
