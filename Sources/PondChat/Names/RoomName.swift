public import PondKit

/// The name of a room, always in lower case.
public struct RoomName: Sendable, Hashable, Comparable {
    /// The name, without the `#` that people write before it.
    public let text: String

    /// A name that keeps the rules, made lower case, a leading `#` taken off; throws 400 with what is wrong.
    public init(_ text: String, limits: ChatLimits = .default) throws(PondError) {
        let bare = text.hasPrefix("#") ? String(text.dropFirst()) : text
        if let fault = NameRules.fault(in: bare, what: "a room's name", limit: limits.roomCharacters) {
            throw .badRequest(fault)
        }
        self.text = NameFolding.key(bare)
    }

    /// What is left when letters that look alike are one letter.
    public var skeleton: String { NameFolding.skeleton(self.text) }

    public static func < (left: RoomName, right: RoomName) -> Bool { left.text < right.text }
}

extension RoomName: CustomStringConvertible {
    public var description: String { "#\(self.text)" }
}

extension RoomName: CheckedText {
    public init(checking text: String) throws(PondError) { try self.init(text) }
}
