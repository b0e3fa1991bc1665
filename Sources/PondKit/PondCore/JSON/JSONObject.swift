/// The members of a JSON object, in the order they were written; the last one of a name wins.
///
/// Two objects are equal if they have equal members, in any order.
public struct JSONObject: Sendable {
    private var members: [Member]
    /// Where each name is, once there are too many to look through: without it, an object of a peer's making
    /// would cost the square of its size.
    private var places: [String: Int]?

    private static let lookedThrough = 16

    private struct Member: Sendable {
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
        get { self.place(of: key).map { self.members[$0].value } }
        set {
            switch (self.place(of: key), newValue) {
            case (let place?, let value?): self.members[place].value = value
            case (let place?, nil): self.remove(at: place)
            case (nil, let value?): self.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// This object with the members of another laid over it.
    public func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in other { merged[key] = value }
        return merged
    }

    private func place(of key: String) -> Int? {
        if let places { return places[key] }
        return self.members.firstIndex { $0.key == key }
    }

    private mutating func append(_ member: Member) {
        self.places?[member.key] = self.members.count
        self.members.append(member)
        if self.places == nil, self.members.count > Self.lookedThrough { self.indexPlaces() }
    }

    private mutating func remove(at place: Int) {
        self.members.remove(at: place)
        if self.places != nil { self.indexPlaces() }
    }

    private mutating func indexPlaces() {
        self.places = Dictionary(uniqueKeysWithValues: zip(self.members.lazy.map(\.key), self.members.indices))
    }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        // A sum does not depend on the order, as equality does not.
        var sum = 0
        for member in self.members {
            var one = Hasher()
            one.combine(member.key)
            one.combine(member.value)
            sum &+= one.finalize()
        }
        hasher.combine(self.count)
        hasher.combine(sum)
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
