/// Who is in a room, in the order in which they are shown: people of rank first, then those who can answer, by name.
/// Kept in order at every change, so that a room of many thousands costs a frame no more than one of few.
struct People: Hashable, Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    /// In order, in pieces of at most `pieceSize`, none of them empty: an insertion moves only the entries of a piece.
    private var pieces: [[Entry]] = []
    private var byName: [String: Person] = [:]
    /// How many of them are not simply available.
    private(set) var awayCount = 0
    /// The most people that are kept of one room.
    static let capacity = 20_000
    private static let pieceSize = 256

    private struct Entry: Hashable, Sendable {
        var rank: Int
        /// The name in lower case.
        var folded: String
        var person: Person

        init(_ person: Person) {
            self.rank =
                person.role != nil ? 0 : person.status == .available ? 1 : person.status == .busy ? 2 : 3
            self.folded = person.name.lowercased()
            self.person = person
        }

        static func isBefore(_ left: Entry, _ right: Entry) -> Bool {
            (left.rank, left.folded, left.person.name) < (right.rank, right.folded, right.person.name)
        }
    }

    init() {}

    init(_ people: some Sequence<Person>) {
        for person in people where self.byName.count < Self.capacity || self.byName[person.name] != nil {
            self.byName[person.name] = person
        }
        let entries = self.byName.values.map(Entry.init).sorted(by: Entry.isBefore)
        self.pieces = stride(from: 0, to: entries.count, by: Self.pieceSize / 2).map { start in
            Array(entries[start..<Swift.min(start + Self.pieceSize / 2, entries.count)])
        }
        self.awayCount = entries.count { $0.person.status != .available }
    }

    init(arrayLiteral people: Person...) { self.init(people) }

    // The pieces follow from the names, and how they are cut means nothing.
    static func == (left: People, right: People) -> Bool { left.byName == right.byName }
    func hash(into hasher: inout Hasher) { hasher.combine(self.byName) }

    var startIndex: Int { 0 }
    var endIndex: Int { self.byName.count }
    subscript(_ position: Int) -> Person {
        var left = position
        for piece in self.pieces {
            if left < piece.count { return piece[left].person }
            left -= piece.count
        }
        preconditionFailure("no person at \(position) of \(self.count)")
    }

    /// Somebody by the exact name.
    subscript(named name: String) -> Person? { self.byName[name] }

    /// Becomes a list in which most are the same as before: only what differs is put in its place.
    mutating func update(to people: [Person]) {
        let names = Set(people.map(\.name))
        if !self.byName.keys.allSatisfy(names.contains) {
            for name in self.byName.keys.filter({ !names.contains($0) }) { self.remove(name) }
        }
        for person in people where self.byName[person.name] != person { self.insert(person) }
    }

    /// Takes somebody in, or anew; gives back whether they were not here before. Nobody new is taken in beyond
    /// `capacity`.
    @discardableResult
    mutating func insert(_ person: Person) -> Bool {
        let isNew = !self.remove(person.name)
        guard self.count < Self.capacity else { return false }
        let entry = Entry(person)
        self.byName[person.name] = person
        if person.status != .available { self.awayCount += 1 }
        guard !self.pieces.isEmpty else {
            self.pieces = [[entry]]
            return isNew
        }
        // Behind the last one: at the end of the last piece.
        let piece = Swift.min(self.piece(of: entry), self.pieces.count - 1)
        self.pieces[piece].insert(entry, at: Self.place(of: entry, in: self.pieces[piece]))
        if self.pieces[piece].count > Self.pieceSize {
            let upper = Array(self.pieces[piece].suffix(Self.pieceSize / 2))
            self.pieces[piece].removeLast(upper.count)
            self.pieces.insert(upper, at: piece + 1)
        }
        return isNew
    }

    /// Takes somebody out; gives back whether they were here.
    @discardableResult
    mutating func remove(_ name: String) -> Bool {
        guard let person = self.byName.removeValue(forKey: name) else { return false }
        let entry = Entry(person)
        let piece = self.piece(of: entry)
        self.pieces[piece].remove(at: Self.place(of: entry, in: self.pieces[piece]))
        if self.pieces[piece].isEmpty { self.pieces.remove(at: piece) }
        if person.status != .available { self.awayCount -= 1 }
        return true
    }

    /// The first piece whose last entry does not come before one; the count of pieces when there is none.
    private func piece(of entry: Entry) -> Int {
        Self.first(self.pieces.count) { index in
            self.pieces[index].last.map { Entry.isBefore($0, entry) } ?? true
        }
    }

    /// The first place in a piece whose entry does not come before one.
    private static func place(of entry: Entry, in piece: [Entry]) -> Int {
        Self.first(piece.count) { Entry.isBefore(piece[$0], entry) }
    }

    /// The first index that does not come before something, of so many in order.
    private static func first(_ count: Int, isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
