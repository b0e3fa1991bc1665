/// The members of a JSON object, in the order they were written; the last one of a name wins.
public struct JSONObject: Sendable, Hashable {
    private var members: [Member]
    /// Where each name is, once there are many: a peer decides how many there are, and a search per name would let it
    /// cost us the square of that.
    private var index: [String: Int]?
    private static let searched = 16

    private struct Member: Sendable, Hashable {
        var key: String
        var value: JSON
    }

    /// An object without members.
    public init() { self.members = [] }

    /// An object of these members, in this order.
    public init(_ members: [(String, JSON)]) {
        self.members = []
        self.members.reserveCapacity(members.count)
        for (key, value) in members { self[key] = value }
    }

    /// The number of members.
    public var count: Int { self.members.count }

    /// Whether there are no members.
    public var isEmpty: Bool { self.members.isEmpty }

    /// The names, in order.
    public var keys: [String] { self.members.map(\.key) }

    /// The value of a name; assigning `nil` removes it.
    public subscript(_ key: String) -> JSON? {
        get { self.position(of: key).map { self.members[$0].value } }
        set {
            if let position = self.position(of: key) {
                if let newValue {
                    self.members[position].value = newValue
                } else {
                    self.members.remove(at: position)
                    self.index = nil
                    self.indexIfLarge()
                }
            } else if let newValue {
                self.index?[key] = self.members.count
                self.members.append(Member(key: key, value: newValue))
                self.indexIfLarge()
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let index = self.index { return index[key] }
        return self.members.firstIndex { $0.key == key }
    }

    private mutating func indexIfLarge() {
        guard self.index == nil, self.members.count > Self.searched else { return }
        var index: [String: Int] = [:]
        for (position, member) in self.members.enumerated() { index[member.key] = position }
        self.index = index
    }

    public static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }
    public func hash(into hasher: inout Hasher) { hasher.combine(self.members) }

    /// This object with the members of another laid over it.
    public func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
        self.members.lazy.map { (key: $0.key, value: $0.value) }.makeIterator()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
