/// Who is in a room, in the order in which they are shown: people of rank first, then those who can answer, by name.
/// Kept in order at every change, so that a room of many thousands costs a frame no more than one of few.
struct People: Hashable, Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    private var entries: [Entry] = []
    private var byName: [String: Person] = [:]
    /// How many of them are not simply available.
    private(set) var awayCount = 0

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
        for person in people { self.byName[person.name] = person }
        self.entries = self.byName.values.map(Entry.init).sorted(by: Entry.isBefore)
        self.awayCount = self.entries.count { $0.person.status != .available }
    }

    init(arrayLiteral people: Person...) { self.init(people) }

    var startIndex: Int { 0 }
    var endIndex: Int { self.entries.count }
    subscript(_ position: Int) -> Person { self.entries[position].person }

    /// Somebody by the exact name.
    subscript(named name: String) -> Person? { self.byName[name] }

    /// Becomes a list in which most are the same as before: only what differs is put in its place.
    mutating func update(to people: [Person]) {
        for person in people where self.byName[person.name] != person { self.insert(person) }
        guard self.count > people.count else { return }
        let names = Set(people.map(\.name))
        for name in self.byName.keys.filter({ !names.contains($0) }) { self.remove(name) }
    }

    /// Takes somebody in, or anew; gives back whether they were not here before.
    @discardableResult
    mutating func insert(_ person: Person) -> Bool {
        let isNew = !self.remove(person.name)
        let entry = Entry(person)
        self.entries.insert(entry, at: self.place(of: entry))
        self.byName[person.name] = person
        if person.status != .available { self.awayCount += 1 }
        return isNew
    }

    /// Takes somebody out; gives back whether they were here.
    @discardableResult
    mutating func remove(_ name: String) -> Bool {
        guard let person = self.byName.removeValue(forKey: name) else { return false }
        self.entries.remove(at: self.place(of: Entry(person)))
        if person.status != .available { self.awayCount -= 1 }
        return true
    }

    /// The first place whose entry does not come before one.
    private func place(of entry: Entry) -> Int {
        var low = 0
        var high = self.entries.count
        while low < high {
            let middle = (low + high) / 2
            if Entry.isBefore(self.entries[middle], entry) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
