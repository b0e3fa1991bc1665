public import PondKit

/// The name of a person: kept as they write it, compared without regard to case.
///
/// Two names that look alike (`alice`, `ạlice`, `al1ce`) are different, but have one `skeleton`:
/// a server lets only one of them in.
public struct UserName: Sendable {
    /// The name as its owner writes it.
    public let text: String
    /// The name in lower case: what tells users apart, in lists, channels and stores.
    public let key: String

    /// A name that keeps the rules; throws 400 with what is wrong.
    public init(_ text: String, limits: ChatLimits = .default) throws(PondError) {
        if let fault = NameRules.fault(in: text, what: "a name", limit: limits.nameCharacters) {
            throw .badRequest(fault)
        }
        self.text = text
        self.key = NameFolding.key(text)
    }

    /// What is left when letters that look alike are one letter.
    public var skeleton: String { NameFolding.skeleton(self.text) }

    /// Whether the name would pass for the server or for everyone.
    public var isReserved: Bool { Self.reserved.contains(self.skeleton) }

    /// The name under which the server itself speaks.
    public static let server = UserName(trusted: "server")

    private static let reserved: Set<String> = Set(
        [
            "server", "system", "admin", "administrator", "moderator", "root", "pond", "channel", "everyone", "here",
            "all",
        ]
        .map(NameFolding.skeleton)
    )

    private init(trusted text: String) {
        self.text = text
        self.key = text
    }
}

extension UserName: Hashable, Comparable, CustomStringConvertible {
    public static func == (left: UserName, right: UserName) -> Bool { left.key == right.key }

    public static func < (left: UserName, right: UserName) -> Bool { left.key < right.key }

    public func hash(into hasher: inout Hasher) { hasher.combine(self.key) }

    public var description: String { self.text }
}

extension UserName: CheckedText {
    public init(checking text: String) throws(PondError) { try self.init(text) }
}
