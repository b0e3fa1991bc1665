/// The members of a JSON object, in the order they were written; the last one of a name wins.
public struct JSONObject: Sendable, Hashable {
    private var members: [Member]

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
        get { self.members.first { $0.key == key }?.value }
        set {
            if let index = self.members.firstIndex(where: { $0.key == key }) {
                if let newValue {
                    self.members[index].value = newValue
                } else {
                    self.members.remove(at: index)
                }
            } else if let newValue {
                self.members.append(Member(key: key, value: newValue))
            }
        }
    }

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
